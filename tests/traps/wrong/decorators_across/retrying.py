"""Decorators that keep the colour."""

import asyncio
import functools


def logged(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        return function(*args, **kwargs)

    return wrapper


def offload(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        return asyncio.to_thread(function, *args, **kwargs)

    return wrapper


def named(name):
    def decorate(function):
        function.name = name
        return function

    return decorate
