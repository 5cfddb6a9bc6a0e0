// The nearest known name to one that was mistyped, for messages.

using EdgeLstm.Core.Collections;

namespace EdgeLstm.Core.Json;

/// <summary>Guesses what a person meant to write.</summary>
public static class NearestName
{
    private const int LongestName = 40;

    /// <summary>Text to append to a message: <c>; did you mean 'x'?</c>, or the list of all names when none is near.</summary>
    /// <param name="name">What was written.</param>
    /// <param name="known">What could have been meant.</param>
    public static string DidYouMean(string name, IEnumerable<string> known) =>
        Find(name, known) is { } nearest ? $"; did you mean '{nearest}'?" : $"; known are {string.Join(", ", known)}";

    /// <summary>The known name that <paramref name="name"/> was probably meant to be; null where none is near.</summary>
    /// <param name="name">What was written.</param>
    /// <param name="known">What could have been meant.</param>
    public static string? Find(string name, IEnumerable<string> known)
    {
        // Long names are no slips of the finger, and the distance costs their product.
        string? nearest = name.Length > LongestName ? null : known.MinBy(candidate => Distance(name, candidate));
        return nearest is not null && Distance(name, nearest) <= Math.Max(1, (nearest.Length + 3) / 3) ? nearest : null;
    }

    /// <summary>Insertions, deletions and replacements between two words, without regard to case (Levenshtein 1966).</summary>
    private static int Distance(string a, string b)
    {
        int[] row = ArrayProjection.Indexes(b.Length + 1);
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int replaced = diagonal + (char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, 1 + Math.Min(row[j], row[j - 1]));
            }
        }

        return row[b.Length];
    }
}
