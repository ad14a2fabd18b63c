import time

import requests


def wait_for_venue(url: str) -> None:
    while requests.get(url, timeout=5).status_code != 200:
        time.sleep(1)


if __name__ == "__main__":
    wait_for_venue("https://example.invalid")
