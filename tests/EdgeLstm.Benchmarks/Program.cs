// Runs the service benchmarks (service --binary PATH [--json], or sensors for those of I²C and COBS only), those of sliding
// windows (windows), of framings (framings), of the default anomaly detector (detector), of a head that goes on learning
// (adapting), of the outbox (outbox), of what the drivers of this build cost (packages), of training beside PyTorch (training),
// of the textbooks' tasks (learning) and of the import (import --binary PATH), or those of BenchmarkDotNet:
// -c Release -- --filter '*Cell*'.

using BenchmarkDotNet.Running;
using EdgeLstm.Benchmarks;
using EdgeLstm.Benchmarks.Detector;
using EdgeLstm.Benchmarks.Learning;
using EdgeLstm.Benchmarks.Outbox;
using EdgeLstm.Benchmarks.Packages;
using EdgeLstm.Benchmarks.Service;
using EdgeLstm.Benchmarks.Training;

if (args is ["service" or "sensors", ..])
{
    return ServiceBenchmarks.Run(args);
}

if (args is ["windows"])
{
    return WindowBenchmark.Run();
}

if (args is ["framings"])
{
    return FramingBenchmark.Run();
}

if (args is ["detector"])
{
    return DetectorBenchmark.Run();
}

if (args is ["adapting"])
{
    return AdaptingBenchmark.Run();
}

if (args is ["outbox"])
{
    return OutboxBenchmark.Run();
}

if (args is ["packages"])
{
    return BrokerDriverBenchmark.Run();
}

if (args is ["training", ..])
{
    return TrainingBenchmark.Run(args);
}

if (args is ["learning", ..])
{
    return LearningTable.Run(args);
}

if (args is ["import", ..])
{
    return ImportBenchmark.Run(args);
}

BenchmarkSwitcher.FromAssembly(typeof(CellBenchmarks).Assembly).Run(args.Length == 0 ? ["--filter", "*"] : args);
return 0;
