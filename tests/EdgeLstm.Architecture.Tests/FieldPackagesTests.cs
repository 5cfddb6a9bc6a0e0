// The switch -p:FieldPackages=true changes the worker's packages, one define and one folder of sources, and nothing else.

using System.Text.Json;

namespace EdgeLstm.Architecture.Tests;

public sealed class FieldPackagesTests
{
    private const string Worker = "src/EdgeLstm.Worker";
    private static readonly string[] Packages = ["Iot.Device.Bindings", "MQTTnet", "System.IO.Ports"];

    // Properties that decide what is compiled and published, beside the defines.
    private static readonly string[] Properties =
    [
        "DefineConstants", "TargetFramework", "OutputType", "AssemblyName", "RootNamespace", "LangVersion", "Nullable",
        "TreatWarningsAsErrors", "AnalysisLevel", "IsAotCompatible", "AllowUnsafeBlocks", "InvariantGlobalization", "NoWarn",
        "ServerGarbageCollection", "ConcurrentGarbageCollection", "UseSystemResourceKeys", "EventSourceSupport",
        "JsonSerializerIsReflectionEnabledByDefault", "OptimizationPreference", "IlcInstructionSet", "Version",
    ];

    private static readonly string[] Items =
    [
        "Compile", "PackageReference", "PackageVersion", "ProjectReference", "FrameworkReference",
        "RuntimeHostConfigurationOption", "EmbeddedResource", "AdditionalFiles", "InternalsVisibleTo", "IlcArg", "DirectPInvoke",
    ];

    [Fact]
    public void The_switch_adds_three_packages_one_define_and_one_folder_to_the_worker()
    {
        Evaluation usual = Evaluation.Of(Worker, field: false);
        Evaluation field = Evaluation.Of(Worker, field: true);

        Assert.Equal(
            Packages, field.Items["PackageReference"].Except(usual.Items["PackageReference"]).Order(StringComparer.Ordinal));
        string[] added = [.. field.Items["Compile"].Except(usual.Items["Compile"])];
        Assert.NotEmpty(added);
        Assert.All(added, file => Assert.StartsWith("FieldPackages/", file, StringComparison.Ordinal));
        Assert.Equal(
            Repository.FilesIn($"{Worker}/FieldPackages", ".cs").Order(), added.Select(file => $"{Worker}/{file}").Order());
        Assert.Equal(["FIELD_PACKAGES"], Defines(field).Except(Defines(usual)));
        AssertSameBut(usual, field, "Compile", "PackageReference", "DefineConstants");
        Assert.Empty(usual.Items["Compile"].Except(field.Items["Compile"]));
        Assert.Empty(usual.Items["PackageReference"].Except(field.Items["PackageReference"]));
        Assert.Empty(Defines(usual).Except(Defines(field)));
    }

    [Theory]
    [InlineData("src/EdgeLstm.Core")]
    [InlineData("src/EdgeLstm.Import")]
    [InlineData("src/EdgeLstm.Training")]
    public void Other_projects_get_nothing_but_the_define(string project)
    {
        Evaluation usual = Evaluation.Of(project, field: false);
        Evaluation field = Evaluation.Of(project, field: true);
        Assert.Equal(["FIELD_PACKAGES"], Defines(field).Except(Defines(usual)));
        AssertSameBut(usual, field, "DefineConstants");
        Assert.DoesNotContain(Repository.FilesIn(project, ".cs"),
            file => Repository.ReadCode(file).Contains("FIELD_PACKAGES", StringComparison.Ordinal));
    }

    [Fact]
    public void A_build_without_the_switch_asks_no_registry_for_the_packages()
    {
        foreach (string file in Repository.FilesIn("src", "packages.lock.json")
            .Concat(Repository.FilesIn("tests", "packages.lock.json")))
        {
            string locked = Repository.Read(file);
            Assert.All(Packages, package => Assert.DoesNotContain($"\"{package}\"", locked, StringComparison.OrdinalIgnoreCase));
        }
    }

    // A folder of sources alone decides what the switch brings: no other code knows which side of a seam it is on.
    [Fact]
    public void Outside_the_folder_a_define_stands_only_where_a_driver_is_chosen()
    {
        string[] expected =
        [
            "Configuration/DevicePlan.cs", "Configuration/Drivers.cs", "Mqtt/BrokerClient.cs", "Sensors/SensorSources.cs",
        ];
        Assert.Equal(
            expected.Select(file => $"{Worker}/{file}"),
            Repository.FilesIn(Worker, ".cs").Where(file => !file.Contains("/FieldPackages/", StringComparison.Ordinal)
                && Repository.ReadCode(file).Contains("FIELD_PACKAGES", StringComparison.Ordinal)).Order());
    }

    private static string[] Defines(Evaluation project) =>
        project.Properties["DefineConstants"].Split(';', StringSplitOptions.RemoveEmptyEntries);

    private static void AssertSameBut(Evaluation usual, Evaluation field, params string[] names)
    {
        List<string> problems = [.. Properties
            .Where(name => !names.Contains(name) && usual.Properties[name] != field.Properties[name])
            .Select(name => $"{name}: {usual.Properties[name]} without the switch, {field.Properties[name]} with it")];
        foreach (string name in Items.Except(names))
        {
            problems.AddRange(usual.Items[name].Except(field.Items[name]).Select(item => $"{name}: {item} only without it"));
            problems.AddRange(field.Items[name].Except(usual.Items[name]).Select(item => $"{name}: {item} only with it"));
        }

        Findings.AssertNone(problems);
    }

    // What MSBuild makes of a project before it builds anything; needs no package.
    private sealed record Evaluation(IReadOnlyDictionary<string, string> Properties, IReadOnlyDictionary<string, string[]> Items)
    {
        public static Evaluation Of(string project, bool field)
        {
            (int code, string output) = Repository.Run("dotnet", ["msbuild", project, "-nologo",
                $"-p:FieldPackages={(field ? "true" : "")}",
                $"-getProperty:{string.Join(',', FieldPackagesTests.Properties)}",
                $"-getItem:{string.Join(',', FieldPackagesTests.Items)}"]);
            Assert.True(code == 0, output);
            using JsonDocument json = JsonDocument.Parse(output);
            return new Evaluation(
                json.RootElement.GetProperty(nameof(Properties)).EnumerateObject()
                    .ToDictionary(member => member.Name, member => member.Value.GetString()!),
                json.RootElement.GetProperty(nameof(Items)).EnumerateObject().ToDictionary(
                    member => member.Name,
                    member => member.Value.EnumerateArray().Select(IdentityOf).ToArray()));
        }

        private static string IdentityOf(JsonElement item)
        {
            string identity = item.GetProperty("Identity").GetString()!.Replace('\\', '/');
            return item.TryGetProperty("Version", out JsonElement version) && version.GetString() is { Length: > 0 } text
                ? $"{identity} {text}"
                : identity;
        }
    }
}
