// The small parts of the link: rate limit, wake signal, request inbox.

using System.Diagnostics;
using EdgeLstm.Worker.Mqtt;

namespace EdgeLstm.Worker.Tests.Mqtt;

public sealed class RateLimitTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(50)]
    [InlineData(10_000)]
    public void No_second_has_more_than_the_rate_and_one_burst(int perSecond)
    {
        RateLimit limit = new(perSecond);
        long start = Stopwatch.GetTimestamp();
        int taken = 0;
        for (int ms = 0; ms <= 10_000; ms++)
        {
            while (limit.TryTake(start + (ms * Stopwatch.Frequency / 1000)))
            {
                taken++;
            }
        }

        Assert.InRange(taken, (10 * perSecond) - 1, (10 * perSecond) + Math.Max(1, perSecond / 10) + 1);
    }

    [Fact]
    public void An_empty_bucket_says_how_long_to_wait()
    {
        RateLimit limit = new(10);
        long now = Stopwatch.GetTimestamp();
        Assert.True(limit.TryTake(now));
        Assert.False(limit.TryTake(now));
        Assert.InRange(limit.WaitMs, 1, 100);
    }
}

public sealed class RequestInboxTests
{
    private readonly RequestInbox _inbox = new(new MqttTopics("edgelstm", "pi"), "homeassistant/status");

    [Fact]
    public void A_request_carries_its_id()
    {
        _inbox.Put("edgelstm/pi/request/health"u8, "{\"id\":\"a\"}"u8, retained: false);
        Assert.True(_inbox.TryTake(out Request request));
        Assert.Equal(new Request(RequestKind.Health, "a", null), request);
    }

    [Fact]
    public void A_request_to_reload_carries_stream_model_and_hash()
    {
        ReadOnlySpan<byte> payload = "{\"stream\":\"s\",\"model\":\"m\",\"sha256\":\"h\",\"id\":\"a\"}"u8;
        _inbox.Put("edgelstm/pi/request/reload"u8, payload, retained: false);
        Assert.True(_inbox.TryTake(out Request request));
        Assert.Equal(new Request(RequestKind.Reload, "a", null, new ReloadRequest("a", "s", "m", "h")), request);
    }

    [Fact]
    public void A_full_inbox_refuses_the_newest_and_counts()
    {
        for (int i = 0; i < 20; i++)
        {
            _inbox.Put("edgelstm/pi/request/ping"u8, ""u8, retained: false);
        }

        Assert.Equal((8, 12), (_inbox.Count, _inbox.Refused));
    }

    [Fact]
    public void A_retained_request_is_refused()
    {
        _inbox.Put("edgelstm/pi/request/ping"u8, ""u8, retained: true);
        Assert.Equal((0, 1), (_inbox.Count, _inbox.Refused));
    }

    [Fact]
    public void Only_the_birth_of_Home_Assistant_asks_for_an_announcement()
    {
        _inbox.Put("homeassistant/status"u8, "offline"u8, retained: false);
        Assert.Equal(0, _inbox.Count);
        _inbox.Put("homeassistant/status"u8, "online"u8, retained: false);
        Assert.True(_inbox.TryTake(out Request request));
        Assert.Equal(RequestKind.Announce, request.Kind);
    }
}
