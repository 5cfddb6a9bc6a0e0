// Projections to arrays: every element once, in order, whatever the sequence is.

using EdgeLstm.Core.Collections;

namespace EdgeLstm.Core.Tests.Collections;

public class ArrayProjectionTests
{
    [Fact]
    public void Arrays_lists_and_sequences_of_unknown_length_give_the_same()
    {
        int[] numbers = [3, 1, 2];
        double[] halves = [1.5, 0.5, 1];

        Assert.Equal(halves, numbers.ToArray(number => number / 2.0));
        Assert.Equal(halves, new List<int>(numbers).ToArray(number => number / 2.0));
        Assert.Equal(halves, Yielded(numbers).ToArray(number => number / 2.0));
        Assert.Equal(["3 at 0", "1 at 1", "2 at 2"], numbers.ToArray((number, index) => $"{number} at {index}"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(5)]
    public void Indexes_count_up_from_zero(int count)
    {
        Assert.Equal(Enumerable.Range(0, count), ArrayProjection.Indexes(count));
        Assert.Equal(Enumerable.Range(0, count).Select(index => index * 10L), ArrayProjection.Of(count, index => index * 10L));
    }

    private static IEnumerable<int> Yielded(int[] numbers)
    {
        foreach (int number in numbers)
        {
            yield return number;
        }
    }
}
