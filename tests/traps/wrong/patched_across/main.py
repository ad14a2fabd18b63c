"""What tests replace is true in the tests only: the program itself is as wrong as before."""

from client import Manager


async def fault_place():
    await Manager().place()
