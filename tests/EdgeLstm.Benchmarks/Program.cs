// Runs the service benchmarks (service --binary PATH [--json]), those of sliding windows (windows) and of framings (framings), or
// those of BenchmarkDotNet: -c Release -- --filter '*Cell*'.

using BenchmarkDotNet.Running;
using EdgeLstm.Benchmarks;
using EdgeLstm.Benchmarks.Service;

if (args is ["service", ..])
{
    return ServiceBenchmarks.Run(args[1..]);
}

if (args is ["windows"])
{
    return WindowBenchmark.Run();
}

if (args is ["framings"])
{
    return FramingBenchmark.Run();
}

BenchmarkSwitcher.FromAssembly(typeof(CellBenchmarks).Assembly).Run(args.Length == 0 ? ["--filter", "*"] : args);
return 0;
