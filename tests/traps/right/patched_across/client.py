def quote():
    return 1


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
        return await self.send()


class Keeper:
    def __init__(self, client):
        self.client = client

    def best(self):
        return self.client.bbo()


class Desk:
    def __init__(self, client):
        self.keeper = Keeper(client)
