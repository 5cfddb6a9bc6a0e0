// A plain linear forecast for measuring bands:  y(t + h) = w·[1, y(t) … y(t − 7)],  w by recursive least squares as the file
// runs.

namespace EdgeLstm.Core.Tests.Forecasting;

/// <summary>Causal: the forecast made at t knows nothing later.</summary>
internal static class LinearForecast
{
    private const int Lags = 8;
    private const int Size = Lags + 1;
    private const double Forgetting = 0.999;
    private const double LargestTrace = 1e4;

    /// <summary>The forecast for each value made <paramref name="horizon"/> steps before it; NaN at the start.</summary>
    public static double[] Run(double[] values, int horizon)
    {
        (double centre, double spread) = Scale(values[..100]);
        double[] y = [.. values.Select(value => (value - centre) / spread)];
        double[] made = new double[values.Length];
        Array.Fill(made, double.NaN);
        double[] w = new double[Size];
        w[1] = 1;
        double[,] p = new double[Size, Size];
        for (int i = 0; i < Size; i++)
        {
            p[i, i] = 100;
        }

        double[] x = new double[Size];
        for (int t = Lags - 1; t < values.Length; t++)
        {
            if (t - horizon >= Lags - 1)
            {
                Fill(x, y, t - horizon);
                Learn(w, p, x, y[t]);
            }

            if (t + horizon < values.Length)
            {
                Fill(x, y, t);
                made[t + horizon] = centre + (spread * Dot(w, x));
            }
        }

        return made;
    }

    private static (double Centre, double Spread) Scale(double[] start)
    {
        double centre = start.Average();
        double spread = Math.Sqrt(start.Average(value => (value - centre) * (value - centre)));
        return (centre, spread > 0 ? spread : 1);
    }

    private static void Fill(double[] x, double[] y, int at)
    {
        x[0] = 1;
        for (int lag = 0; lag < Lags; lag++)
        {
            x[1 + lag] = y[at - lag];
        }
    }

    private static void Learn(double[] w, double[,] p, double[] x, double target)
    {
        double[] px = new double[Size];
        for (int i = 0; i < Size; i++)
        {
            for (int j = 0; j < Size; j++)
            {
                px[i] += p[i, j] * x[j];
            }
        }

        double error = target - Dot(w, x);
        double scale = Forgetting + Dot(x, px);
        double trace = 0;
        for (int i = 0; i < Size; i++)
        {
            w[i] += px[i] / scale * error;
            for (int j = 0; j < Size; j++)
            {
                p[i, j] = (p[i, j] - (px[i] * px[j] / scale)) / Forgetting;
            }

            trace += p[i, i];
        }

        for (int i = 0; trace > LargestTrace && i < p.Length; i++)
        {
            p[i / Size, i % Size] *= LargestTrace / trace;
        }
    }

    private static double Dot(double[] a, double[] b)
    {
        double sum = 0;
        for (int i = 0; i < a.Length; i++)
        {
            sum += a[i] * b[i];
        }

        return sum;
    }
}
