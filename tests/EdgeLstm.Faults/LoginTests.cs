// Fault 10: the broker refuses the program's password, and one day accepts it.

using System.Security.Cryptography;
using System.Text;
using EdgeLstm.Faults.Rig;
using EdgeLstm.Worker.Tests.Mqtt;

namespace EdgeLstm.Faults;

public sealed class LoginTests
{
    private const int AtOnce = 4;
    private const int HashIterations = 101;
    private const int HashBytes = 64;
    private const int SaltBytes = 12;
    private const int Samples = 30;

    [SkippableFact]
    public void A_program_that_was_refused_connects_when_it_is_accepted_and_has_lost_nothing()
    {
        int rounds = Counts.Of(4, 20);
        FaultTable.Row(10, "authentication refused, then accepted", $"{rounds}",
            () => Rounds.Run(rounds, AtOnce, round => round % 2 == 0 ? RefusedByPassword() : RefusedByConnack()));
    }

    // A real broker that learns the password while it is stopped.
    private static Tally RefusedByPassword()
    {
        using MosquittoBroker broker = Brokers.Create();
        string passwords = Path.Combine(broker.Folder, "passwords");
        broker.Configure([.. broker.Persistence, "allow_anonymous false", $"password_file {passwords}"]);
        File.WriteAllLines(passwords, [Line("listener", "listener"), Line("pi", "an old one")]);
        broker.Start();
        using FaultDevice device = new(broker, login: ("listener", "listener"));
        device.Mqtt["username"] = "pi";
        device.Mqtt["password"] = "a new one";
        using WorkerProcess program = device.Start();
        program.WaitForLog("refuses");
        device.Feed(Samples, 200);

        broker.Stop();
        File.WriteAllLines(passwords, [Line("listener", "listener"), Line("pi", "a new one")]);
        broker.Start();
        program.WaitForLog("connected to");
        device.Feed(Samples, 200);
        Tally tally = device.WaitForAll();
        Assert.DoesNotContain(program.Log, line => line.Contains("a new one", StringComparison.Ordinal));
        return tally;
    }

    // A link that turns CONNACK into "not authorised", once connected and running.
    private static Tally RefusedByConnack()
    {
        using FaultDevice device = FaultDevice.Launch();
        using WorkerProcess program = device.Start();
        program.WaitForLog("connected to");
        device.Feed(Samples, 200);
        device.Link.Refusal = 5;
        device.Link.Drop();
        device.Feed(Samples, 200);
        program.WaitForLog("refuses");
        device.Link.Refusal = 0;
        program.WaitForLog("connected to", times: 2);
        device.Feed(Samples, 200);
        return device.WaitForAll();
    }

    // As mosquitto_passwd writes it: PBKDF2 of SHA-512, salt and hash in base 64.
    private static string Line(string user, string password)
    {
        byte[] salt = RandomNumberGenerator.GetBytes(SaltBytes);
        byte[] hash = Rfc2898DeriveBytes.Pbkdf2(
            Encoding.UTF8.GetBytes(password), salt, HashIterations, HashAlgorithmName.SHA512, HashBytes);
        return $"{user}:$7${HashIterations}${Convert.ToBase64String(salt)}${Convert.ToBase64String(hash)}";
    }
}
