// Where the broker's password comes from, in which order, and what an empty file means.

using EdgeLstm.Worker.Configuration;

namespace EdgeLstm.Worker.Tests.Configuration;

[Collection(RunsAlone.Name)]
public sealed class BrokerSecretsTests : IDisposable
{
    private const string CredentialsVariable = "CREDENTIALS_DIRECTORY";

    private static readonly string[] Variables =
        [BrokerSecrets.PasswordVariable, BrokerSecrets.UsernameVariable, CredentialsVariable];

    private readonly string _folder = Directory.CreateTempSubdirectory("edgelstm-secrets-").FullName;
    private readonly string?[] _before = [.. Variables.Select(Environment.GetEnvironmentVariable)];

    public BrokerSecretsTests()
    {
        foreach (string name in Variables)
        {
            Environment.SetEnvironmentVariable(name, null);
        }
    }

    public void Dispose()
    {
        for (int i = 0; i < Variables.Length; i++)
        {
            Environment.SetEnvironmentVariable(Variables[i], _before[i]);
        }

        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void The_order_is_configuration_file_environment_credential()
    {
        string file = Written("password.txt", "of file\nsecond line\n");
        Written(BrokerSecrets.CredentialName, "of credential");
        Environment.SetEnvironmentVariable(CredentialsVariable, _folder);
        Environment.SetEnvironmentVariable(BrokerSecrets.PasswordVariable, "of environment");

        Assert.Equal("of configuration",
            BrokerSecrets.FindPassword(new MqttSettings("h", Password: "of configuration", PasswordFile: file)));
        Assert.Equal("of file", BrokerSecrets.FindPassword(new MqttSettings("h", PasswordFile: file)));
        Assert.Equal("of environment", BrokerSecrets.FindPassword(new MqttSettings("h")));
        Environment.SetEnvironmentVariable(BrokerSecrets.PasswordVariable, null);
        Assert.Equal("of credential", BrokerSecrets.FindPassword(new MqttSettings("h")));
        Environment.SetEnvironmentVariable(CredentialsVariable, null);
        Assert.Null(BrokerSecrets.FindPassword(new MqttSettings("h")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n")]
    public void An_empty_file_or_credential_is_no_password(string text)
    {
        string file = Written("password.txt", text);
        Assert.Null(BrokerSecrets.FindPassword(new MqttSettings("h", PasswordFile: file)));
        Written(BrokerSecrets.CredentialName, text);
        Environment.SetEnvironmentVariable(CredentialsVariable, _folder);
        Assert.Null(BrokerSecrets.FindPassword(new MqttSettings("h")));
    }

    [Fact]
    public void A_credentials_folder_without_the_credential_is_no_password()
    {
        Environment.SetEnvironmentVariable(CredentialsVariable, _folder);
        Assert.Null(BrokerSecrets.FindPassword(new MqttSettings("h")));
    }

    [Fact]
    public void A_password_file_that_is_not_there_is_an_error()
    {
        Assert.Throws<FileNotFoundException>(() =>
            BrokerSecrets.FindPassword(new MqttSettings("h", PasswordFile: Path.Combine(_folder, "none"))));
    }

    [Fact]
    public void The_user_name_comes_from_the_configuration_else_from_the_environment()
    {
        Assert.Null(new MqttSettings("h").ToOptions("pi").Username);
        Environment.SetEnvironmentVariable(BrokerSecrets.UsernameVariable, "of environment");
        Assert.Equal("of environment", new MqttSettings("h").ToOptions("pi").Username);
        Assert.Equal("of configuration", new MqttSettings("h", Username: "of configuration").ToOptions("pi").Username);
    }

    [Fact]
    public void The_port_is_that_of_plain_or_TLS_unless_told_and_the_client_is_named_after_the_device()
    {
        Assert.Equal(1883, new MqttSettings("h").ToOptions("pi").Port);
        Assert.Equal(8883, new MqttSettings("h", Tls: new TlsSettings()).ToOptions("pi").Port);
        Assert.Equal(1234, new MqttSettings("h", Port: 1234, Tls: new TlsSettings()).ToOptions("pi").Port);
        Assert.Equal("edgelstm-pi", new MqttSettings("h").ToOptions("pi").ClientId);
    }

    private string Written(string name, string text)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return path;
    }
}
