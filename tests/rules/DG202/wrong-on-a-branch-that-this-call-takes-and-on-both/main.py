import time


def pause(flag=None) -> None:
    if flag is None:
        time.sleep(1)


def both(flag: bool) -> None:
    if flag:
        time.sleep(1)
    else:
        time.sleep(2)


def checked(seconds: float) -> None:
    if seconds > 0:
        time.sleep(seconds)
    else:
        raise ValueError(seconds)


async def main(flag: bool) -> None:
    pause()  # <- DG202
    pause(None)  # <- DG202
    both(flag)  # <- DG202
    checked(1)  # <- DG202
