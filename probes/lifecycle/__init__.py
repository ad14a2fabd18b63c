"""The probe `order_lifecycle`: numbered cases that a client of a venue is held against, one by one."""
