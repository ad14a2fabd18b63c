"""What to say of an error that is ours: what, where, and what the user can do."""


def described(error: Exception) -> str:
    """One line for a person; the traceback is for `DIAG_DEBUG=1`."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f" ({trace.tb_frame.f_code.co_filename}:{trace.tb_lineno})" if trace else ""
    said = " ".join(f"{type(error).__name__}: {error}".split()) if str(error) else type(error).__name__
    return (
        f"internal error: {said}{where}; this is a defect of diag: "
        "please report it with the traceback that DIAG_DEBUG=1 shows"
    )
