// A figure over files and how sure it is:  value = scale · Σ numerators / Σ denominators, interval by resampling the files.

namespace EdgeLstm.Worker.Evaluation.Suites;

/// <summary>A figure to which every file adds a part of a numerator and a denominator.</summary>
/// <param name="Numerators">Per file.</param>
/// <param name="Denominators">Per file, 0 where the file says nothing.</param>
/// <param name="Scale">Such as 100 for percent.</param>
internal sealed record RatioOfSums(double[] Numerators, double[] Denominators, double Scale = 1)
{
    /// <summary>Resamplings of the files that an interval is made of.</summary>
    public const int Resamples = 1000;

    private const int Seed = 20_150_624;
    private const double TailShare = 0.025;

    /// <summary>The figure; NaN where the denominators sum to 0.</summary>
    public double Value
    {
        get
        {
            double numerator = 0;
            double denominator = 0;
            for (int i = 0; i < Numerators.Length; i++)
            {
                numerator += Numerators[i];
                denominator += Denominators[i];
            }

            return Divide(numerator, denominator);
        }
    }

    /// <summary>The mean of figures of the same files, part by part: that of several seeds.</summary>
    /// <remarks>Right where a file's denominator is the same in all of them, else the ratio of mean parts.</remarks>
    public static RatioOfSums Mean(IReadOnlyList<RatioOfSums> figures)
    {
        int files = figures[0].Numerators.Length;
        double[] numerators = new double[files];
        double[] denominators = new double[files];
        foreach (RatioOfSums figure in figures)
        {
            for (int i = 0; i < files; i++)
            {
                numerators[i] += figure.Numerators[i] / figures.Count;
                denominators[i] += figure.Denominators[i] / figures.Count;
            }
        }

        return new RatioOfSums(numerators, denominators, figures[0].Scale);
    }

    /// <summary>The interval between the 2.5th and the 97.5th percentile of the figure over resampled files.</summary>
    /// <remarks>
    /// Files are drawn with replacement, as many as there are; what was fitted to the corpus (a threshold) stays. The percentile
    /// bootstrap of Efron (1979), with a fixed seed: the same files are drawn for every detector. NaN for fewer than two files.
    /// </remarks>
    public (double Low, double High) Interval()
    {
        int files = Numerators.Length;
        if (files < 2)
        {
            return (double.NaN, double.NaN);
        }

        Random random = new(Seed);
        List<double> values = new(Resamples);
        for (int resample = 0; resample < Resamples; resample++)
        {
            double numerator = 0;
            double denominator = 0;
            for (int draw = 0; draw < files; draw++)
            {
                int file = random.Next(files);
                numerator += Numerators[file];
                denominator += Denominators[file];
            }

            if (denominator != 0)
            {
                values.Add(Divide(numerator, denominator));
            }
        }

        values.Sort();
        return values.Count == 0
            ? (double.NaN, double.NaN)
            : (values[(int)(TailShare * (values.Count - 1))], values[(int)Math.Ceiling((1 - TailShare) * (values.Count - 1))]);
    }

    private double Divide(double numerator, double denominator) =>
        denominator == 0 ? double.NaN : Scale * numerator / denominator;
}
