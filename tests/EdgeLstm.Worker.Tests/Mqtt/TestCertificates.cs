// A certificate authority, a broker's and a client's certificate, and an authority that signed neither, made by openssl.

namespace EdgeLstm.Worker.Tests.Mqtt;

/// <summary>PEM files in one folder; broker and client share a key.</summary>
internal sealed class TestCertificates
{
    private readonly string _folder;

    public TestCertificates(string folder)
    {
        _folder = folder;
        MqttLinkSecurityTests.Run("openssl", "genpkey", "-algorithm", "EC", "-pkeyopt",
            "ec_paramgen_curve:P-256", "-out", KeyFile);
        CaFile = Authority("ca");
        StrangerCaFile = Authority("stranger");
        BrokerFile = Signed("broker", "localhost");
        ClientFile = Signed("client", "pi");
    }

    public string CaFile { get; }

    public string StrangerCaFile { get; }

    public string BrokerFile { get; }

    public string ClientFile { get; }

    public string KeyFile => Path.Combine(_folder, "key.pem");

    private string Authority(string name)
    {
        string file = Path.Combine(_folder, $"{name}.pem");
        MqttLinkSecurityTests.Run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
            "-subj", $"/CN={name}", "-keyout", Path.Combine(_folder, $"{name}.key"), "-out", file);
        return file;
    }

    private string Signed(string name, string host)
    {
        string request = Path.Combine(_folder, $"{name}.csr");
        string extensions = Path.Combine(_folder, $"{name}.ext");
        string file = Path.Combine(_folder, $"{name}.pem");
        File.WriteAllText(extensions, $"subjectAltName=DNS:{host}\n");
        MqttLinkSecurityTests.Run("openssl", "req", "-new", "-key", KeyFile, "-subj", $"/CN={host}", "-out", request);
        MqttLinkSecurityTests.Run("openssl", "x509", "-req", "-in", request, "-CA", CaFile, "-CAkey",
            Path.Combine(_folder, "ca.key"), "-CAcreateserial", "-days", "2", "-extfile", extensions, "-out", file);
        return file;
    }
}
