"""A TCP relay on a free loopback port that brings everything late, as a network would; run as a program of its own.

    slowlink.py PORT MILLISECONDS    relays to a loopback port, half of the time in each direction; prints its own port and
                                     ends when its standard input does
"""

import asyncio
import sys


async def carry(reader, writer, seconds):
    """What comes in goes out later, in order; how much is on the way does not matter."""
    loop = asyncio.get_running_loop()
    pieces = asyncio.Queue()

    async def deliver():
        while True:
            due, piece = await pieces.get()
            await asyncio.sleep(max(0, due - loop.time()))
            if not piece:
                writer.close()
                return
            writer.write(piece)
            await writer.drain()

    delivery = asyncio.create_task(deliver())
    try:
        while piece := await reader.read(1 << 16):
            pieces.put_nowait((loop.time() + seconds, piece))
    except OSError:
        pass
    pieces.put_nowait((loop.time() + seconds, b""))
    try:
        await delivery
    except OSError:
        writer.close()


async def main(port, seconds):
    async def serve(reader, writer):
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(carry(reader, far_writer, seconds), carry(far_reader, writer, seconds))

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    loop = asyncio.get_running_loop()
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), float(sys.argv[2]) / 2000))
