"""What becomes of a value: its uses, callbacks, escapes; what a call does in the end, and why."""
