// Runs the benchmarks named on the command line, all of them without one: -c Release -- --filter '*Cell*'.

using BenchmarkDotNet.Running;
using EdgeLstm.Benchmarks;

BenchmarkSwitcher.FromAssembly(typeof(CellBenchmarks).Assembly).Run(args.Length == 0 ? ["--filter", "*"] : args);
