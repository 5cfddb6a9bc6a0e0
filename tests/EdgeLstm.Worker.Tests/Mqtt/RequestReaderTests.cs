// Payloads of requests: what is read, what is refused, and that nothing whatever throws.

using System.Text;
using EdgeLstm.Worker.Mqtt;

namespace EdgeLstm.Worker.Tests.Mqtt;

public sealed class RequestReaderTests
{
    private const int RandomPayloads = 20_000;
    private const int MutatedPayloads = 50_000;
    private const int LongestRandom = 200;

    private static readonly string[] Whole =
    [
        "", "{}", "{\"id\":\"1\"}", "{\"stream\":\"oven\",\"model\":\"/etc/edgelstm/m.safetensors\",\"sha256\":\"00ff\"}",
        "{\"id\":\"\\u00e4\\ud83d\\ude00\",\"stream\":\"a\",\"model\":\"b\"}", " { \"id\" : \"x\" } ",
    ];

    private static Request Read(string payload, RequestKind kind = RequestKind.Reload) =>
        RequestReader.Read(kind, Encoding.UTF8.GetBytes(payload));

    [Fact]
    public void An_empty_payload_asks_for_the_whole_configuration() =>
        Assert.Equal(new Request(RequestKind.Reload, null, null, new ReloadRequest(null)), Read(""));

    [Theory]
    [InlineData("[1]")]
    [InlineData("{")]
    [InlineData("1")]
    [InlineData("null")]
    [InlineData("{\"id\":\"\\ud800\"}")]
    [InlineData("{\"id\":\"1\"}x")]
    [InlineData("{\"id\":\"1\"}{}")]
    [InlineData("{\"id\":\"1\",}")]
    [InlineData("{/* no */\"id\":\"1\"}")]
    public void What_is_no_JSON_object_is_an_error(string payload)
    {
        Assert.StartsWith("the payload is neither", Read(payload).Error, StringComparison.Ordinal);
        Assert.NotNull(Read(payload, RequestKind.Ping).Error);
    }

    [Theory]
    [InlineData("{\"id\":1}", "id must be a text")]
    [InlineData("{\"id\":null}", "id must be a text")]
    [InlineData("{\"id\":\"1\",\"id\":\"2\"}", "id is given twice")]
    [InlineData("{\"modle\":\"m\"}", "unknown key 'modle'; known are id, stream, model, sha256")]
    [InlineData("{\"stream\":\"oven\"}", "stream and model belong together")]
    [InlineData("{\"model\":\"m\"}", "stream and model belong together")]
    [InlineData("{\"sha256\":\"0\"}", "stream and model belong together")]
    [InlineData("{\"stream\":{\"a\":[[[[[[[[[]]]]]]]]]}}", "stream must be a text")]
    public void What_is_not_known_is_an_error_that_says_so(string payload, string error)
    {
        Request request = Read(payload);

        Assert.StartsWith(error, request.Error, StringComparison.Ordinal);
        Assert.Null(request.Reload);
    }

    [Fact]
    public void Only_a_request_to_reload_may_name_a_model() =>
        Assert.Equal("unknown key 'stream'; known are id", Read(Whole[3], RequestKind.Health).Error);

    [Fact]
    public void Every_text_and_the_whole_have_a_limit()
    {
        Assert.Equal(64, Read($"{{\"id\":\"{new string('a', 64)}\"}}").Id!.Length);
        Assert.Equal("id has 65 characters; at most 64 are read", Read($"{{\"id\":\"{new string('a', 65)}\"}}").Error);
        Assert.Equal("stream has 1025 characters; at most 1024 are read",
            Read($"{{\"stream\":\"{new string('a', 1025)}\"}}").Error);
        Assert.Equal("the payload has 4097 bytes; at most 4096 are read", Read(new string(' ', 4097)).Error);
    }

    [Fact]
    public void Random_bytes_are_an_error_and_no_exception()
    {
        Random random = new(7);
        byte[] payload = new byte[LongestRandom];
        for (int i = 0; i < RandomPayloads; i++)
        {
            random.NextBytes(payload);
            Check(payload.AsSpan(0, random.Next(1, payload.Length)), mustFail: true);
        }
    }

    [Fact]
    public void Mutated_requests_are_read_or_refused_and_no_exception()
    {
        Random random = new(8);
        for (int i = 0; i < MutatedPayloads; i++)
        {
            List<byte> payload = [.. Encoding.UTF8.GetBytes(Whole[random.Next(1, Whole.Length)])];
            for (int k = random.Next(4); k >= 0 && payload.Count > 0; k--)
            {
                Mutate(payload, random);
            }

            Check([.. payload], mustFail: false);
        }
    }

    private static void Mutate(List<byte> payload, Random random)
    {
        int at = random.Next(payload.Count);
        switch (random.Next(4))
        {
            case 0:
                payload[at] = (byte)random.Next(256);
                break;
            case 1:
                payload.RemoveAt(at);
                break;
            case 2:
                payload.Insert(at, "{}[]\",:\\0e\n"u8[random.Next(11)]);
                break;
            default:
                payload.AddRange(payload.GetRange(at, payload.Count - at));
                break;
        }
    }

    private static void Check(ReadOnlySpan<byte> payload, bool mustFail)
    {
        foreach (RequestKind kind in new[] { RequestKind.Ping, RequestKind.Health, RequestKind.Reload })
        {
            Request request = RequestReader.Read(kind, payload);
            Assert.True(request.Error is not null || !mustFail, Convert.ToHexString(payload));
            Assert.True(request.Error is not { Length: 0 or > 200 }, request.Error);
            Assert.True(request.Id is not { Length: > RequestReader.IdLimitCharacters });
            Assert.Equal(kind == RequestKind.Reload && request.Error is null, request.Reload is not null);
            Assert.Equal(request.Reload?.Stream is null, request.Reload?.Model is null);
        }
    }
}
