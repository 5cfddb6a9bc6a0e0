// The program under the restrictions of its unit: no capability, no writable code, the unit's system calls and address families.

using System.Diagnostics;
using System.Text.Json;
using EdgeLstm.EndToEnd.Tests.Rig;
using EdgeLstm.Worker.Linux;
using EdgeLstm.Worker.Tests.Mqtt;

namespace EdgeLstm.EndToEnd.Tests;

public sealed class SandboxTests
{
    [SkippableFact]
    public void The_service_does_all_it_does_within_its_sandbox()
    {
        Skip.If(Sandbox.Missing is not null, Sandbox.Missing);
        MosquittoBroker broker = new();
        broker.Configure([.. broker.Persistence, "allow_anonymous true"]);
        broker.Start();
        using Device device = new(broker, persistent: true);
        using Pty port = new();
        device.AddTemperature(port.SlavePath);
        device.Root["stateSaveSeconds"] = 1;
        string[] lines = Records.Temperatures(200);
        using EdgeProcess edge = new(["run", device.Write()], launcher: Sandbox.Path);
        device.WaitForOnline();
        port.Write("\n");
        device.Send(port, lines);
        device.WaitForStates("oven", lines.Length);

        // The broker goes, and the outbox writes; a reload reads the models again.
        broker.Stop();
        edge.WaitForLog("MQTT: lost");
        port.Write(string.Concat(lines[..50].Select(line => line + "\n")));
        Assert.True(SpinWait.SpinUntil(
            () => File.Exists(Path.Combine(device.Folder, "state", "outbox.db")), TimeSpan.FromSeconds(20)));
        broker.Start();
        Assert.True(device.Subscriber.Wait(s => s.Count(Device.Topic("oven", "history")) >= 49));
        edge.HangUp();
        edge.WaitForLog("taken anew");
        JsonElement health = device.AskHealth();
        Assert.Equal(JsonValueKind.Null, health.GetProperty("outbox").GetProperty("problem").ValueKind);
        Assert.True(health.GetProperty("outbox").GetProperty("recordsWritten").GetInt64() >= 49);
        Assert.Equal("live", health.GetProperty("streams").GetProperty("oven").GetProperty("status").GetString());
        edge.Terminate();
        Assert.Equal(0, edge.WaitForExit());
        Assert.True(File.Exists(Path.Combine(device.Folder, "state", "oven.state")));
        Assert.DoesNotContain(edge.Log, line => line.Contains("not permitted", StringComparison.OrdinalIgnoreCase));
    }

    [SkippableTheory]
    [InlineData("mount", "-t", "tmpfs", "x", "/mnt")]
    [InlineData("chroot", "/", "true")]
    public void The_sandbox_does_refuse(params string[] command)
    {
        Skip.If(Sandbox.Missing is not null, Sandbox.Missing);
        string? program = new[] { "/usr/bin/", "/bin/", "/usr/sbin/", "/sbin/" }.Select(folder => folder + command[0])
            .FirstOrDefault(File.Exists);
        Skip.If(program is null, $"there is no {command[0]}");
        Assert.NotEqual(0, Run(out string said, [program!, .. command[1..]]));
        Assert.Matches("not permitted|denied", said);
    }

    [SkippableFact]
    public void A_program_that_makes_code_at_run_time_does_not_run_in_it()
    {
        Skip.If(Sandbox.Missing is not null, Sandbox.Missing);
        string justInTime = Path.Combine(AppContext.BaseDirectory, "edgelstm.dll");
        string? dotnet = Environment.ProcessPath is { } path && Path.GetFileName(path) == "dotnet" ? path : null;
        Skip.If(dotnet is null, "the tests are not run by dotnet");
        Assert.NotEqual(0, Run(out _, dotnet!, justInTime, "selftest", Device.Model("ecg-lstm.safetensors")));
        Assert.Equal(0, Run(out _, EdgeProcess.Binary!, "selftest", Device.Model("ecg-lstm.safetensors")));
    }

    private static int Run(out string said, params string[] command)
    {
        using Process process = Process.Start(
            new ProcessStartInfo(Sandbox.Path, command) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        said = process.StandardError.ReadToEnd();
        process.WaitForExit();
        _ = output.Result;
        return process.ExitCode;
    }
}
