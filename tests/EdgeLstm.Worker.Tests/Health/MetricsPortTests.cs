// The metrics port with a real HTTP client, and with clients that are none.

using System.Net;
using System.Net.Sockets;
using System.Text;
using EdgeLstm.Worker.Health;
using EdgeLstm.Worker.Tests.Mqtt;
using EdgeLstm.Worker.Tests.Streams;

namespace EdgeLstm.Worker.Tests.Health;

public sealed class MetricsPortTests : IDisposable
{
    private const string Text = "# HELP a b\n# TYPE a gauge\na{} 1\n";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly LineLogger _log = new();
    private readonly int _number = MosquittoBroker.FreePort();
    private readonly MetricsPort _port;
    private readonly HttpClient _client = new() { Timeout = Patience };
    private Func<byte[]> _write = () => Encoding.UTF8.GetBytes(Text);

    public MetricsPortTests() => _port = new MetricsPort(_number, () => _write(), _log);

    public void Dispose()
    {
        _client.Dispose();
        _port.Dispose();
    }

    [Fact]
    public async Task A_client_gets_the_text_with_the_content_type_of_its_format()
    {
        Start();

        using HttpResponseMessage response = await _client.GetAsync(Address());

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", response.Content.Headers.ContentType!.ToString());
        Assert.True(response.Headers.ConnectionClose);
        Assert.Equal(Text, await response.Content.ReadAsStringAsync());
        Waiting.Until(() => (_port.Answered, _port.Refused) == (1, 0), "the answer was counted");
    }

    [SkippableFact]
    public async Task It_listens_on_the_IPv6_loopback_too()
    {
        Skip.IfNot(Socket.OSSupportsIPv6 && CanBindIpv6(), "no ::1 here");
        Start();

        Assert.Equal(Text, await _client.GetStringAsync(new Uri($"http://[::1]:{_number}/metrics?name=a")));
    }

    [Theory]
    [InlineData("GET", "/")]
    [InlineData("GET", "/metricsx")]
    [InlineData("GET", "/metrics/")]
    [InlineData("POST", "/metrics")]
    [InlineData("HEAD", "/metrics")]
    [InlineData("DELETE", "/../../etc/passwd")]
    public async Task Everything_else_is_404(string method, string path)
    {
        Start();
        using HttpRequestMessage request = new(new HttpMethod(method), new Uri(Address(), path));

        using HttpResponseMessage response = await _client.SendAsync(request);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Waiting.Until(() => (_port.Answered, _port.Refused) == (0, 1), "the refusal was counted");
    }

    [Theory]
    [InlineData("GET /metrics HTTP/1.0\n\n", "200")]
    [InlineData("GET /metrics?a b HTTP/1.1\r\n\r\n", "200")]
    [InlineData("GET /metrics\r\n\r\n", "400")]
    [InlineData("\r\n\r\n", "400")]
    [InlineData(" \n\n", "400")]
    [InlineData("GET  HTTP/1.1\r\n\r\n", "404")]
    [InlineData("GET /metrics HTTP/2\r\n\r\n", "400")]
    [InlineData("\0\u0001ÿ no request\n\n", "400")]
    public void Heads_are_answered_by_what_they_say(string head, string status)
    {
        Start();

        Assert.StartsWith($"HTTP/1.1 {status} ", Exchange(Encoding.Latin1.GetBytes(head)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_head_that_comes_byte_by_byte_is_read()
    {
        Start();
        using TcpClient client = Connect();
        foreach (byte part in "GET /metrics HTTP/1.1\r\nHost: pi\r\n\r\n"u8)
        {
            client.GetStream().WriteByte(part);
        }

        Assert.EndsWith(Text, Read(client), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(MetricsPort.HeadLimitBytes - 1, "HTTP/1.1 200 ")]
    [InlineData(MetricsPort.HeadLimitBytes, "HTTP/1.1 200 ")]
    [InlineData(MetricsPort.HeadLimitBytes + 1, "HTTP/1.1 431 ")]
    [InlineData(300_000, "HTTP/1.1 431 ")]
    public void A_head_beyond_the_limit_is_refused(int bytes, string start)
    {
        Start();
        const string First = "GET /metrics HTTP/1.1\r\nX: ", Last = "\r\n\r\n";

        string answer = Exchange(Encoding.ASCII.GetBytes(First + new string('a', bytes - First.Length - Last.Length) + Last));

        Assert.StartsWith(start, answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Random_bytes_do_not_stop_it()
    {
        Start();
        Random random = new(5);
        for (int i = 0; i < 200; i++)
        {
            byte[] garbage = new byte[random.Next(1, 300)];
            random.NextBytes(garbage);
            using TcpClient client = Connect();
            client.GetStream().Write(garbage);
        }

        Assert.Equal(Text, await _client.GetStringAsync(Address()));
    }

    [Fact]
    public async Task A_silent_client_holds_up_the_next_for_two_seconds_at_most()
    {
        Start();
        using TcpClient silent = Connect();
        silent.GetStream().Write("GET /met"u8);
        long began = Environment.TickCount64;

        Assert.Equal(Text, await _client.GetStringAsync(Address()));

        Assert.InRange(Environment.TickCount64 - began, 0, MetricsPort.RequestLimitMs + 3000);   // the machine may be busy
        Assert.Equal(1, _port.Refused);
    }

    [Fact]
    public async Task A_client_that_does_not_read_holds_up_the_next_for_two_seconds_at_most()
    {
        _write = () => new byte[64 << 20];   // more than the kernel's buffers take
        Start();
        using TcpClient client = Connect();
        client.GetStream().Write("GET /metrics HTTP/1.1\r\n\r\n"u8);
        Waiting.Until(() => _port.Refused == 1, "it was given up");

        _write = () => Encoding.UTF8.GetBytes(Text);

        Assert.Equal(Text, await _client.GetStringAsync(Address()));
    }

    [Fact]
    public async Task Many_clients_at_once_all_get_an_answer()
    {
        Start();

        string[] texts = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => _client.GetStringAsync(Address())));

        Assert.All(texts, text => Assert.Equal(Text, text));
        Waiting.Until(() => _port.Answered == 100, "all answers were counted");
    }

    [Fact]
    public async Task A_fault_while_the_text_is_made_costs_that_request_alone()
    {
        Start();
        _write = () => throw new InvalidOperationException("broken");
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => _client.GetStringAsync(Address()));

        _write = () => Encoding.UTF8.GetBytes(Text);

        Assert.Equal(Text, await _client.GetStringAsync(Address()));
        Assert.Contains("Error: metrics: a request could not be answered", _log.Lines);
    }

    [Fact]
    public void A_port_that_is_taken_is_said_and_stops_nothing()
    {
        using TcpListener taken = new(IPAddress.Loopback, _number);
        taken.Start();

        _port.Start();

        Waiting.Until(() => _log.Lines.Count > 0, "it was said");
        Assert.StartsWith(
            $"Error: metrics: port {_number} of 127.0.0.1 cannot be opened", _log.Lines[0], StringComparison.Ordinal);
        _port.Stop(Patience);
    }

    [Fact]
    public void Stop_does_not_wait_for_a_silent_client()
    {
        Start();
        using TcpClient silent = Connect();
        silent.GetStream().Write("GET"u8);
        long began = Environment.TickCount64;

        _port.Stop(Patience);

        Assert.InRange(Environment.TickCount64 - began, 0, MetricsPort.RequestLimitMs - 500);
        Assert.Throws<SocketException>(Connect);
    }

    [Fact]
    public void Only_the_loopback_interface_is_listened_on()
    {
        Start();
        IPAddress[] addresses = Dns.GetHostAddresses(Dns.GetHostName());
        foreach (IPAddress address in addresses.Where(address => !IPAddress.IsLoopback(address)))
        {
            using TcpClient client = new(address.AddressFamily);
            Assert.Throws<SocketException>(() => client.Connect(address, _number));
        }
    }

    private void Start()
    {
        _port.Start();
        Waiting.Until(() => _log.Lines.Count > 0, "the port was opened");
        Assert.Equal($"Information: metrics: http://localhost:{_number}/metrics", _log.Lines[0]);
    }

    private Uri Address() => new($"http://127.0.0.1:{_number}/metrics");

    private TcpClient Connect()
    {
        TcpClient client = new();
        client.Connect(IPAddress.Loopback, _number);
        return client;
    }

    private string Exchange(byte[] head)
    {
        using TcpClient client = Connect();
        client.GetStream().Write(head);
        return Read(client);
    }

    private static string Read(TcpClient client)
    {
        using StreamReader reader = new(client.GetStream());
        return reader.ReadToEnd();
    }

    private static bool CanBindIpv6()
    {
        try
        {
            using Socket probe = new(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp);
            probe.Bind(new IPEndPoint(IPAddress.IPv6Loopback, 0));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
