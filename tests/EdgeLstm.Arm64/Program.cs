// Writes the reference cases for the kernels on ARM64:
//   dotnet EdgeLstm.Arm64.dll FOLDER WRONG      all cases into FOLDER, and one that must fail as file WRONG

namespace EdgeLstm.Arm64;

internal static class Program
{
    private static int Main(string[] args)
    {
        if (args.Length != 2)
        {
            Console.Error.WriteLine("usage: EdgeLstm.Arm64 FOLDER WRONG");
            return 2;
        }

        ReferenceCases.WriteWrong(args[1]);
        Console.WriteLine($"{ReferenceCases.WriteAll(args[0])} cases in {args[0]}");
        return 0;
    }
}
