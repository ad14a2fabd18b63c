import time


class Live:
    def pause(self) -> None:
        time.sleep(1)


class Replay:
    def __init__(self) -> None:
        self.now = 0.0

    def pause(self) -> None:
        self.now += 1
