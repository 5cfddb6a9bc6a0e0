// Equivalent normal figures of sums of squares, against exact ones (incomplete gamma function in 30 digits).

using EdgeLstm.Core.Anomaly;

namespace EdgeLstm.Core.Tests.Anomaly;

public class ChiSquaredTests
{
    [Theory]
    [InlineData(1, 0.01, -1.4074)]
    [InlineData(1, 1, 0.4752)]
    [InlineData(1, 4, 1.6901)]
    [InlineData(1, 36, 5.8864)]
    [InlineData(1, 900, 29.9769)]
    [InlineData(2, 2, 0.3375)]
    [InlineData(2, 8, 2.0898)]
    [InlineData(2, 144, 11.7144)]
    [InlineData(3, 0.03, -2.9956)]
    [InlineData(3, 36, 5.2528)]
    [InlineData(8, 32, 3.7369)]
    [InlineData(8, 900, 29.2971)]
    [InlineData(64, 36, -2.9089)]
    [InlineData(64, 144, 5.3554)]
    public void The_equivalent_z_is_within_hundredths_of_the_exact_one(int degrees, double q, double exact) =>
        Assert.Equal(exact, ChiSquared.EquivalentZ(q, degrees), degrees == 1 ? 0.04 : 0.02);

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(64)]
    public void The_equivalent_z_rises_everywhere_and_stays_finite(int degrees)
    {
        double last = ChiSquared.EquivalentZ(0, degrees);
        Assert.True(double.IsFinite(last));
        for (double share = 1e-6; share < 1e9; share *= 1.003)
        {
            double z = ChiSquared.EquivalentZ(share * degrees, degrees);
            Assert.True(z > last, $"z({share} · m) is {z} after {last}");
            last = z;
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(8)]
    [InlineData(64)]
    public void ValueAt_is_the_inverse_as_far_as_5_deviations(int degrees)
    {
        for (double z = 0; z <= 5; z += 0.5)
        {
            Assert.Equal(z, ChiSquared.EquivalentZ(ChiSquared.ValueAt(z, degrees), degrees), 0.45);
        }
    }
}
