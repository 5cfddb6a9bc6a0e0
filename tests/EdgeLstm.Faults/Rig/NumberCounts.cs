// How often each of the numbers 0, 1, 2, … came.

namespace EdgeLstm.Faults.Rig;

/// <summary>Four bytes a number. Not safe for several threads.</summary>
internal sealed class NumberCounts
{
    private int[] _counts = new int[1024];

    /// <summary>Numbers that came at least once.</summary>
    public int Unique { get; private set; }

    /// <summary>Times that a number came which had come before.</summary>
    public int Repeats { get; private set; }

    /// <summary>How often a number came.</summary>
    public int this[int number] => number < _counts.Length ? _counts[number] : 0;

    /// <summary>A number came; true for the first time.</summary>
    public bool Add(int number)
    {
        if (number >= _counts.Length)
        {
            Array.Resize(ref _counts, Math.Max(number + 1, 2 * _counts.Length));
        }

        bool isFirst = _counts[number]++ == 0;
        Unique += isFirst ? 1 : 0;
        Repeats += isFirst ? 0 : 1;
        return isFirst;
    }
}
