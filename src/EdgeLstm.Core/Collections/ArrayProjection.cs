// An array of what a function makes of each element, where that is a value type: LINQ's Select costs megabytes there.

namespace EdgeLstm.Core.Collections;

/// <summary>Projects sequences to arrays.</summary>
public static class ArrayProjection
{
    /// <summary>The array of <paramref name="selector"/> of every element, in order.</summary>
    /// <remarks>
    /// Use it instead of Select where <typeparamref name="TResult"/> is a value type. Select is a virtual generic method of every
    /// iterator of LINQ: the ahead-of-time compiler makes a copy for each pair of a source and a result type that the program
    /// has anywhere, some 6 kB of machine code and tables each, unless both are classes. This one is compiled for the pairs that
    /// are used.
    /// </remarks>
    /// <typeparam name="TSource">Type of the elements.</typeparam>
    /// <typeparam name="TResult">Type of the results.</typeparam>
    /// <param name="source">The elements.</param>
    /// <param name="selector">Called once for each.</param>
    /// <returns>As many results as there are elements.</returns>
    public static TResult[] ToArray<TSource, TResult>(this IEnumerable<TSource> source, Func<TSource, TResult> selector)
    {
        List<TResult> results = new(source is ICollection<TSource> { Count: int count } ? count : 0);
        foreach (TSource element in source)
        {
            results.Add(selector(element));
        }

        return [.. results];
    }

    /// <summary>The array of <paramref name="selector"/> of every element and its index, in order.</summary>
    /// <inheritdoc cref="ToArray{TSource, TResult}(IEnumerable{TSource}, Func{TSource, TResult})"/>
    public static TResult[] ToArray<TSource, TResult>(this IEnumerable<TSource> source, Func<TSource, int, TResult> selector)
    {
        int index = 0;
        return source.ToArray(element => selector(element, index++));
    }

    /// <summary>The array of <paramref name="selector"/> of 0, 1 … <paramref name="count"/> − 1.</summary>
    /// <remarks>Use it instead of Enumerable.Range and Select, for the same reason.</remarks>
    /// <typeparam name="TResult">Type of the results.</typeparam>
    /// <param name="count">How many.</param>
    /// <param name="selector">Called once for each index.</param>
    /// <returns>As many results as <paramref name="count"/> says.</returns>
    public static TResult[] Of<TResult>(int count, Func<int, TResult> selector)
    {
        TResult[] results = new TResult[count];
        for (int index = 0; index < count; index++)
        {
            results[index] = selector(index);
        }

        return results;
    }

    /// <summary>0, 1 … <paramref name="count"/> − 1.</summary>
    /// <param name="count">How many.</param>
    /// <returns>The numbers, for Array.FindAll and the like.</returns>
    public static int[] Indexes(int count) => Of(count, index => index);
}
