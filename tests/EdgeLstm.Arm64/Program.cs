// Writes cases for the kernels on ARM64:
//   dotnet EdgeLstm.Arm64.dll --reference FOLDER WRONG      every kernel into FOLDER, and one case that must fail as file WRONG
//   dotnet EdgeLstm.Arm64.dll --sizes FOLDER                two steps of the sizes that predictions are made for

namespace EdgeLstm.Arm64;

internal static class Program
{
    private static int Main(string[] args)
    {
        switch (args)
        {
            case ["--reference", string folder, string wrong]:
                Console.WriteLine($"{ReferenceCases.WriteAll(folder)} cases in {folder}");
                ReferenceCases.WriteWrong(wrong);
                return 0;
            case ["--sizes", string folder]:
                ReferenceCases.WriteSizes(folder);
                return 0;
            default:
                Console.Error.WriteLine("usage: EdgeLstm.Arm64 --reference FOLDER WRONG | --sizes FOLDER");
                return 2;
        }
    }
}
