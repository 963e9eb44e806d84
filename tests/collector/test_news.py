import asyncio

from collector.news import News


async def test_who_waits_hears_what_is_told() -> None:
    news = News()

    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        waiting = [tasks.create_task(news.wait(news.told, 60)) for _ in range(3)]
        await asyncio.sleep(0)
        news.tell()

    assert [task.result() for task in waiting] == [True] * 3


async def test_what_was_told_while_nobody_waited_is_not_missed() -> None:
    news = News()
    told = news.told
    news.tell()

    async with asyncio.timeout(5):
        assert await news.wait(told, 60)


async def test_nothing_new_in_time_is_said() -> None:
    assert not await News().wait(0, 0.01)


async def test_an_end_lets_everybody_go() -> None:
    news = News()

    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        waiting = tasks.create_task(news.wait(news.told, 60))
        await asyncio.sleep(0)
        news.close()

    assert not waiting.result()
    assert not await news.wait(news.told, 60)
    assert news.is_closed


def test_followers_are_counted_while_they_follow() -> None:
    news = News()

    with news.follower(), news.follower():
        during = news.following

    assert (during, news.following) == (2, 0)
