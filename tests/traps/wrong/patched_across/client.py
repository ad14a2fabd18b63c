class Client:
    def bbo(self):
        return {"bid": 1}


class Manager:
    def __init__(self):
        self.client = Client()

    def best(self):
        return self.client.bbo()

    async def send(self):
        return {"sent": True}

    async def place(self):
        self.send()  # <- DG102
        return await self.best()  # <- DG101
