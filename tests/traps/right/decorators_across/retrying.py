"""Decorators and their factories, for the modules beside."""

import asyncio
import functools
import inspect


def retry(times=2):
    """Keeps the colour of the function."""

    def decorate(function):
        if inspect.iscoroutinefunction(function):

            @functools.wraps(function)
            async def wrapper(*args, **kwargs):
                for _ in range(times):
                    result = await function(*args, **kwargs)
                return result

        else:

            @functools.wraps(function)
            def wrapper(*args, **kwargs):
                for _ in range(times):
                    result = function(*args, **kwargs)
                return result

        return wrapper

    return decorate


def offload(function):
    """Runs a plain function in a thread."""

    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        return asyncio.to_thread(function, *args, **kwargs)

    return wrapper


def blocking_face(function):
    """Runs a coroutine function to its end."""

    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        return asyncio.run(function(*args, **kwargs))

    return wrapper


def default_on_error(default, errors=(ValueError,)):
    def decorate(function):
        async def wrapper(*args, **kwargs):
            try:
                result = function(*args, **kwargs)
                return await result if inspect.isawaitable(result) else result
            except errors:
                return default

        return wrapper

    return decorate


class Registry:
    def __init__(self):
        self.handlers = {}

    def register(self, name):
        def decorate(function):
            self.handlers[name] = offload(function)
            return self.handlers[name]

        return decorate


registry = Registry()
