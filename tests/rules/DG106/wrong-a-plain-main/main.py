import asyncio


def main() -> int:
    print("starting")
    return 0


if __name__ == "__main__":
    asyncio.run(main())  # <- DG106
    asyncio.new_event_loop().run_until_complete(main())  # <- DG106
