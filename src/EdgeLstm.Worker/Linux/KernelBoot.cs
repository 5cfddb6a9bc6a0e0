// Names the boot of the machine:  /proc/sys/kernel/random/boot_id.  Within one boot times of the monotonic clock can be compared.

namespace EdgeLstm.Worker.Linux;

/// <summary>The running kernel's boot.</summary>
internal static class KernelBoot
{
    private const string File = "/proc/sys/kernel/random/boot_id";

    /// <summary>Differs from boot to boot; <see cref="Guid.Empty"/> where it cannot be read.</summary>
    public static Guid Id { get; } = Read();

    private static Guid Read()
    {
        try
        {
            return Guid.TryParse(System.IO.File.ReadAllText(File), out Guid id) ? id : Guid.Empty;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return Guid.Empty;
        }
    }
}
