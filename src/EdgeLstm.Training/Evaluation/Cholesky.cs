// Normal equations:  A·x = b  with A symmetric and positive definite, A = L·Lᵀ, forward then backward.

namespace EdgeLstm.Training.Evaluation;

/// <summary>Solves small systems in double precision.</summary>
internal static class Cholesky
{
    /// <summary>Solves in place.</summary>
    /// <param name="a">The matrix; its lower triangle is read and replaced by L [n, n].</param>
    /// <param name="b">The right side; receives the solution [n].</param>
    /// <returns>False where the matrix is not positive definite; both are then of no use.</returns>
    public static bool TrySolve(double[] a, double[] b)
    {
        int n = b.Length;
        for (int row = 0; row < n; row++)
        {
            for (int column = 0; column <= row; column++)
            {
                double sum = a[(row * n) + column];
                for (int k = 0; k < column; k++)
                {
                    sum -= a[(row * n) + k] * a[(column * n) + k];
                }

                if (row == column && !(sum > 0))
                {
                    return false;
                }

                a[(row * n) + column] = row == column ? Math.Sqrt(sum) : sum / a[(column * n) + column];
            }
        }

        Substitute(a, b);
        return true;
    }

    private static void Substitute(double[] l, double[] b)
    {
        int n = b.Length;
        for (int row = 0; row < n; row++)
        {
            for (int k = 0; k < row; k++)
            {
                b[row] -= l[(row * n) + k] * b[k];
            }

            b[row] /= l[(row * n) + row];
        }

        for (int row = n - 1; row >= 0; row--)
        {
            for (int k = row + 1; k < n; k++)
            {
                b[row] -= l[(k * n) + row] * b[k];
            }

            b[row] /= l[(row * n) + row];
        }
    }
}
