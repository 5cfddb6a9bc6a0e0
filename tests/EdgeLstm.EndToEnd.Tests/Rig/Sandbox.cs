// Compiles tests/sandbox with what the service's unit allows, so that the program runs under the unit's restrictions without a
// service manager.

using System.Diagnostics;
using System.Text;
using EdgeLstm.Worker.Tests;

namespace EdgeLstm.EndToEnd.Tests.Rig;

/// <summary>The unit's system call filter and address families, read from the unit itself.</summary>
internal static class Sandbox
{
    private const int LimitMs = 60_000;
    private static readonly Lazy<string> Program = new(Compile);

    /// <summary>The reason to skip a test; null where the sandbox can be made.</summary>
    public static string? Missing => I2cShim.Missing ?? (Analyzer is null ? "needs systemd-analyze (apt install systemd)" : null);

    /// <summary>The compiled sandbox.c: starts the program that follows it.</summary>
    public static string Path => Program.Value;

    private static string? Analyzer { get; } =
        new[] { "/usr/bin/systemd-analyze", "/bin/systemd-analyze" }.FirstOrDefault(File.Exists);

    // SystemCallFilter=@a @b allows, SystemCallFilter=~@c takes away again, in the order of the lines.
    private static SortedSet<string> AllowedCalls()
    {
        SortedSet<string> allowed = new(StringComparer.Ordinal);
        foreach (string value in Values("SystemCallFilter"))
        {
            bool isDenied = value.StartsWith('~');
            foreach (string name in value.TrimStart('~').Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                foreach (string call in Expand(name))
                {
                    _ = isDenied ? allowed.Remove(call) : allowed.Add(call);
                }
            }
        }

        return allowed;
    }

    private static IEnumerable<string> Expand(string name)
    {
        if (!name.StartsWith('@'))
        {
            return [name];
        }

        string listed = Run(Analyzer!, "syscall-filter", name);
        return listed.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#' && line != name)
            .SelectMany(Expand);
    }

    private static IEnumerable<string> Values(string key) =>
        File.ReadLines(System.IO.Path.Combine(RepositoryRoot.Path, "eng", "systemd", "edgelstm.service"))
            .Where(line => line.StartsWith($"{key}=", StringComparison.Ordinal)).Select(line => line[(key.Length + 1)..]);

    private static string Compile()
    {
        string folder = Directory.CreateDirectory(System.IO.Path.Combine(AppContext.BaseDirectory, "sandbox")).FullName;
        StringBuilder header = new("#include <sys/socket.h>\nstatic const unsigned int allowed_calls[] = {\n");
        foreach (string call in AllowedCalls())
        {
            header.Append(null, $"#ifdef SYS_{call}\n    SYS_{call},\n#endif\n");
        }

        header.Append("};\nstatic const unsigned int allowed_families[] = {\n    ");
        header.AppendJoin(", ", Values("RestrictAddressFamilies").SelectMany(value => value.Split(' ')));
        header.Append("\n};\n");
        File.WriteAllText(System.IO.Path.Combine(folder, "allowed.h"), header.ToString());
        string made = System.IO.Path.Combine(folder, "sandbox");
        string source = System.IO.Path.Combine(RepositoryRoot.Path, "tests", "sandbox", "sandbox.c");
        Run(I2cShim.Compiler!, "-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror", "-I", folder, "-o", made, source);
        return made;
    }

    private static string Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(
            new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        Assert.True(process.WaitForExit(LimitMs) && process.ExitCode == 0, $"{program} failed:\n{errors.Result}");
        return output;
    }
}
