// User and password, certificate authorities and client certificates, against a real broker; nothing secret in the log.

using System.Diagnostics;
using EdgeLstm.Worker.Mqtt;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeLstm.Worker.Tests.Mqtt;

[Collection("mosquitto")]
public sealed class MqttLinkSecurityTests
{
    private const string Password = "hunter2-is-secret";

    [SkippableFact]
    public void A_wrong_password_is_refused_in_one_line_and_accepted_once_the_broker_knows_it()
    {
        Skip.IfNot(File.Exists("/usr/bin/mosquitto_passwd"), "mosquitto_passwd is not installed (apt install mosquitto)");
        using MosquittoBroker broker = new();
        string passwords = Path.Combine(broker.Folder, "passwords");
        Run("mosquitto_passwd", "-b", "-c", passwords, "pi", "another");
        broker.Configure(["allow_anonymous false", $"password_file {passwords}"]);
        broker.Start();
        using LinkBench bench = new(LinkBench.Options(broker.Port) with { Username = "pi", Password = Password });
        Assert.True(LinkBench.Eventually(() => bench.Log.Lines.Count > 0));
        Assert.Contains("not authorised", Assert.Single(bench.Log.Lines), StringComparison.Ordinal);

        broker.Stop();
        Run("mosquitto_passwd", "-b", passwords, "pi", Password);
        broker.Start();
        bench.WaitConnected();
        using MqttSubscriber subscriber = new(broker.Port, login: ("pi", Password));
        bench.Append();
        Assert.True(subscriber.Wait(s => s.Count(LinkBench.State) == 1));
        Assert.DoesNotContain(bench.Log.Lines, line => line.Contains(Password, StringComparison.Ordinal));
    }

    [SkippableFact]
    public void Tls_with_a_client_certificate_works()
    {
        using TlsBroker tls = new();
        using LinkBench bench = new(tls.Options(tls.Certificates.CaFile));
        bench.WaitConnected();
        using MqttSubscriber subscriber = new(tls.PlainPort);
        bench.Append(1000);
        Assert.True(subscriber.Wait(s => s.Count(LinkBench.State) == 1000), bench.Describe());
    }

    [SkippableFact]
    public void Tls_survives_a_broker_that_stops_and_starts()
    {
        using TlsBroker tls = new();
        using LinkBench bench = new(tls.Options(tls.Certificates.CaFile));
        bench.WaitConnected();
        tls.Broker.Stop();
        Assert.True(LinkBench.Eventually(() => !bench.Link.Connected));
        Assert.True(LinkBench.Eventually(() => bench.Log.Lines.Count == 2));
        tls.Broker.Start();
        bench.WaitConnected();
        Assert.Equal(1, bench.Link.Reconnects);
    }

    [SkippableFact]
    public void A_broker_of_another_certificate_authority_is_refused()
    {
        using TlsBroker tls = new();
        using LinkBench bench = new(tls.Options(tls.Certificates.StrangerCaFile));
        Assert.True(LinkBench.Eventually(() => bench.Log.Lines.Count > 0));
        Assert.Contains("certificate verify failed", bench.Log.Lines[0], StringComparison.Ordinal);
        Assert.Equal(0, bench.Link.Published);
        Assert.False(bench.Link.Connected);
    }

    [SkippableFact]
    public void A_client_without_a_certificate_is_refused_by_a_broker_that_asks_for_one()
    {
        using TlsBroker tls = new();
        MqttOptions options = tls.Options(tls.Certificates.CaFile);
        using LinkBench bench = new(options with { Tls = options.Tls! with { CertificateFile = null, KeyFile = null } });

        // On a busy machine the broker may not listen yet when the link first tries: that is another message.
        Assert.True(LinkBench.Eventually(() => bench.Log.Lines.Any(line => line.Contains("TLS", StringComparison.Ordinal))));
        Assert.False(bench.Link.Connected);
    }

    [Fact]
    public void A_missing_certificate_file_is_named_before_the_link_starts()
    {
        MqttOptions options = LinkBench.Options(8883) with { Tls = new TlsOptions("/nowhere/ca.pem", null, null) };
        MqttException problem = Assert.Throws<MqttException>(() =>
            new MqttLink(options, "pi", LinkBench.Boot, [LinkBench.NewOutlet()], _ => { }, NullLogger.Instance));
        Assert.StartsWith("/nowhere/ca.pem:", problem.Message, StringComparison.Ordinal);
    }

    internal static void Run(string command, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardError = true })!;
        string errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{command}: {errors}");
    }

    /// <summary>A broker with a plain listener for subscribers and a TLS listener that asks for a client certificate.</summary>
    private sealed class TlsBroker : IDisposable
    {
        private readonly int _tlsPort = MosquittoBroker.FreePort();

        public TlsBroker()
        {
            Skip.If(MosquittoBroker.Missing is not null, MosquittoBroker.Missing);
            Skip.IfNot(File.Exists("/usr/bin/openssl"), "openssl is not installed (apt install openssl)");
            Broker = new MosquittoBroker();
            Certificates = new TestCertificates(Broker.Folder);
            Broker.Configure(
            [
                FormattableString.Invariant($"listener {_tlsPort} 127.0.0.1"),
                $"cafile {Certificates.CaFile}",
                $"certfile {Certificates.BrokerFile}",
                $"keyfile {Certificates.KeyFile}",
                "require_certificate true",
                "allow_anonymous true",
            ]);
            Broker.Start();
        }

        public MosquittoBroker Broker { get; }

        public TestCertificates Certificates { get; }

        public int PlainPort => Broker.Port;

        public MqttOptions Options(string caFile) => LinkBench.Options(_tlsPort) with
        {
            Host = "localhost",
            Tls = new TlsOptions(caFile, Certificates.ClientFile, Certificates.KeyFile),
        };

        public void Dispose() => Broker.Dispose();
    }
}
