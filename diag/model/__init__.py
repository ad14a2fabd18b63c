"""A Python tree, understood, room by room: source <- syntax <- facts <- infer <- flow."""
