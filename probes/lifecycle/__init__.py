"""The probe `order_lifecycle`: numbered cards that a client of a venue is held against, one by one."""
