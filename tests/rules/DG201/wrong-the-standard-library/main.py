import socket
import subprocess
import urllib.request
from time import sleep as pause


async def start(host: str) -> bytes:
    pause(1)  # <- DG201
    if input("really? ") != "yes":  # <- DG201
        return b""
    subprocess.run(["ntpdate", host], check=True)  # <- DG201
    print(subprocess.check_output(["date"]))  # <- DG201
    with urllib.request.urlopen(f"https://{host}/time") as response:  # <- DG201
        print(response.status)
    connection = socket.create_connection((host, 443))  # <- DG201
    connection.close()
    return b""
