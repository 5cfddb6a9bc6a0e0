// Discrete Fourier transform of 2ᵏ points:  X_f = Σ x_t · exp(−2πi·f·t / n).

namespace EdgeLstm.Training.Evaluation;

/// <summary>The radix-2 transform in place. Source: Cooley, Tukey (1965).</summary>
internal static class FourierTransform
{
    /// <summary>Transforms in place.</summary>
    /// <param name="real">Real parts [a power of two].</param>
    /// <param name="imaginary">Imaginary parts, as many.</param>
    public static void Run(double[] real, double[] imaginary)
    {
        int n = real.Length;
        Reverse(real, imaginary);
        for (int half = 1; half < n; half *= 2)
        {
            for (int k = 0; k < half; k++)
            {
                (double sine, double cosine) = Math.SinCos(-Math.PI * k / half);
                for (int even = k; even < n; even += 2 * half)
                {
                    int odd = even + half;
                    double re = (real[odd] * cosine) - (imaginary[odd] * sine);
                    double im = (real[odd] * sine) + (imaginary[odd] * cosine);
                    (real[odd], imaginary[odd]) = (real[even] - re, imaginary[even] - im);
                    (real[even], imaginary[even]) = (real[even] + re, imaginary[even] + im);
                }
            }
        }
    }

    // Index with its bits in reverse order.
    private static void Reverse(double[] real, double[] imaginary)
    {
        for (int i = 1, j = 0; i < real.Length; i++)
        {
            int bit = real.Length >> 1;
            for (; (j & bit) != 0; bit >>= 1)
            {
                j ^= bit;
            }

            j ^= bit;
            if (i < j)
            {
                (real[i], real[j]) = (real[j], real[i]);
                (imaginary[i], imaginary[j]) = (imaginary[j], imaginary[i]);
            }
        }
    }
}
