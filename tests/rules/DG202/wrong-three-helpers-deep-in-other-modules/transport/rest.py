import requests


class Rest:
    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        self.session = requests.Session()

    def _send(self, method: str, path: str) -> dict:
        response = self.session.request(method, self.base_url + path, timeout=5)
        response.raise_for_status()
        return response.json()

    def get(self, path: str) -> dict:
        return self._send("GET", path)
