// Whether the state is carried on or begins with each window: who decides, and what the line says.

using EdgeLstm.Import.Assembly;

namespace EdgeLstm.Import.Tests.Assembly;

public sealed class WindowChoiceTests
{
    [Theory]
    [InlineData(null, 20, false, 20, "the file says one answer for each (--stateful")]
    [InlineData(false, 20, false, 20, "the file says one answer for each (--stateful")]
    [InlineData(true, 20, false, null, "the file says it is stateful (--window T")]
    [InlineData(null, 4000, false, null, "each window of 4000, which is too long or too short")]
    [InlineData(null, null, false, null, "not of how many samples")]
    [InlineData(false, 20, true, null, "began each window from a fresh state")]
    [InlineData(null, null, null, null, "most PyTorch code trains on windows of T samples")]
    public void The_file_decides_where_nobody_does(bool? stateful, int? samples, bool? each, int? expected, string reason)
    {
        WindowChoice choice = WindowChoice.Make(new SequenceUse(stateful, samples, each), new ImportChoices());

        Assert.Equal(expected, choice.Window);
        Assert.Contains(reason, choice.Line, StringComparison.Ordinal);
        Assert.Matches("--window|--stateful", choice.Line);
    }

    [Fact]
    public void The_person_decides_against_the_file()
    {
        var use = new SequenceUse(false, 20, false);

        Assert.Equal(30, WindowChoice.Make(use, new ImportChoices(Window: 30)).Window);
        Assert.Null(WindowChoice.Make(use, new ImportChoices(IsStateful: true)).Window);
        Assert.Equal(5, WindowChoice.Make(new SequenceUse(true), new ImportChoices(Window: 5)).Window);
    }
}
