// Requests and answers between two threads: bounded on both sides, and an end that frees the one who waits.

using EdgeLstm.Worker.Mqtt;

namespace EdgeLstm.Worker.Tests.Mqtt;

public sealed class ReloadDeskTests
{
    private readonly ReloadDesk _desk = new();

    private static ReloadAnswer Answer(string id) => new(id, [], [], 0);

    [Fact]
    public void Four_requests_wait_and_a_fifth_is_refused()
    {
        string[] ids = ["a", "b", "c", "d", "e"];
        Assert.Equal([true, true, true, true, false], ids.Select(id => _desk.TryAsk(new ReloadRequest(id))));
        Assert.True(_desk.TryTake(out ReloadRequest first));
        Assert.Equal("a", first.Id);
        Assert.True(_desk.TryAsk(new ReloadRequest("f")));
    }

    [Fact]
    public void Of_more_than_eight_answers_the_oldest_go()
    {
        for (int i = 0; i < 10; i++)
        {
            _desk.Answer(Answer($"{i}"));
        }

        List<string?> ids = [];
        while (_desk.TryTakeAnswer(out ReloadAnswer? answer))
        {
            ids.Add(answer!.Id);
        }

        Assert.Equal(["2", "3", "4", "5", "6", "7", "8", "9"], ids);
        Assert.False(_desk.HasAnswer);
    }

    [Fact]
    public async Task Whoever_waits_for_a_request_is_freed_by_the_end()
    {
        Task<bool> waiting = Task.Run(() => _desk.TryTake(out _));
        _desk.End();
        Assert.False(await waiting.WaitAsync(TimeSpan.FromSeconds(20)));
        Assert.False(_desk.TryAsk(new ReloadRequest(null)));
    }
}
