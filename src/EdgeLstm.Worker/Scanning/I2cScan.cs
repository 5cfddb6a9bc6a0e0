// Which addresses of an I²C bus answer, and which sensors they may be. No register is written.
//   each address: read 1 byte;  where a known sensor may refuse that: its address alone;  then the profiles' identify steps

using EdgeLstm.Worker.Framing;
using EdgeLstm.Worker.Linux;
using EdgeLstm.Worker.Sensors;

namespace EdgeLstm.Worker.Scanning;

/// <summary>One address that answers or is owned.</summary>
/// <param name="Address">7-bit address.</param>
/// <param name="Owner">The kernel's driver there; null where there is none.</param>
/// <param name="IsOwned">True where a kernel driver owns the address: nothing was read.</param>
/// <param name="IsIdentified">True where the one of <paramref name="Profiles"/> was proved by its identify step.</param>
/// <param name="Profiles">Sensors that are known at this address.</param>
internal sealed record I2cFind(
    int Address, I2cOwner? Owner, bool IsOwned, bool IsIdentified, IReadOnlyList<KnownProfile> Profiles);

/// <summary>What one bus gave.</summary>
/// <param name="Bus">Its path.</param>
/// <param name="Problem">Why it was not, or not wholly, looked at; null when it was.</param>
/// <param name="Finds">The addresses in use, in order.</param>
internal sealed record I2cBusFind(string Bus, string? Problem, IReadOnlyList<I2cFind> Finds);

/// <summary>Looks at one bus.</summary>
/// <remarks>
/// Identify steps write a register's number and read it. Those that write two bytes are a command to some sensors and a
/// register's new value to others: they run last, and never where a sensor has been identified.
/// </remarks>
internal sealed class I2cScan
{
    private const int FirstAddress = 0x08;
    private const int LastAddress = 0x77;
    private const int TimeoutsAllowed = 3;

    private readonly I2cBus _bus;
    private readonly string _root;
    private readonly IReadOnlyList<KnownProfile> _profiles;
    private readonly List<I2cFind> _finds = [];
    private int _timeoutsInRow;

    private I2cScan(I2cBus bus, IReadOnlyList<KnownProfile> profiles, string root)
    {
        _bus = bus;
        _root = root;
        _profiles = profiles;
    }

    /// <summary>Paths of all buses: dev/i2c-N by number.</summary>
    /// <param name="root">The folder that stands for /.</param>
    public static IReadOnlyList<string> FindBuses(string root)
    {
        string folder = Path.Combine(root, "dev");
        string[] buses = Directory.Exists(folder) ? Directory.GetFileSystemEntries(folder, "i2c-*") : [];
        Array.Sort(buses, (a, b) => a.Length != b.Length ? a.Length - b.Length : string.CompareOrdinal(a, b));
        return buses;
    }

    /// <summary>Looks at every address from 0x08 to 0x77.</summary>
    /// <param name="bus">The bus.</param>
    /// <param name="profiles">Known sensors; those of other transports are left out.</param>
    /// <param name="root">The folder that stands for / in /sys.</param>
    public static I2cBusFind Run(I2cBus bus, IReadOnlyList<KnownProfile> profiles, string root) =>
        new I2cScan(bus, profiles, root).Run();

    private I2cBusFind Run()
    {
        for (int address = FirstAddress; address <= LastAddress; address++)
        {
            int errno = Look(address);
            _timeoutsInRow = errno == I2cDev.ETIMEDOUT ? _timeoutsInRow + 1 : 0;
            bool isUnusable = errno is LibC.ENOENT or LibC.ENOTDIR or LibC.EACCES or LibC.EPERM or LibC.ENODEV or LibC.ENOTTY;
            if (isUnusable || _timeoutsInRow == TimeoutsAllowed)
            {
                return new I2cBusFind(_bus.Description, I2cAdvice.Explain(_bus.Description, address, errno, null, _root), _finds);
            }
        }

        return new I2cBusFind(_bus.Description, null, _finds);
    }

    private int Look(int address)
    {
        List<KnownProfile> candidates = KnownAt(address);
        I2cOwner? owner = I2cOwner.Find(_bus.Description, address, _root);
        if (owner is not null)
        {
            _finds.Add(new I2cFind(address, owner, true, false, candidates));
            return 0;
        }

        Span<byte> one = stackalloc byte[1];
        int errno = _bus.Transfer(address, [], one);
        if (I2cDev.IsNoAnswer(errno) && candidates.Count > 0 && MayBeCalled(address))
        {
            errno = _bus.Transfer(address, [], []);   // sensors that have measured nothing yet refuse a read
        }

        if (errno == LibC.EBUSY)
        {
            _finds.Add(new I2cFind(address, null, true, false, candidates));
        }
        else if (errno == 0)
        {
            _finds.Add(Identify(address, candidates));
        }

        return errno;
    }

    // An address alone, read as a write without data, can lock or change some memories in these ranges (i2cdetect(8)).
    private static bool MayBeCalled(int address) => address is not ((>= 0x30 and <= 0x37) or (>= 0x50 and <= 0x5F));

    private List<KnownProfile> KnownAt(int address)
    {
        List<KnownProfile> known = [];
        foreach (KnownProfile profile in _profiles)
        {
            if (profile.Profile.TransportOrSerial.I2c is { } i2c && IsAt(i2c, address))
            {
                known.Add(profile);
            }
        }

        return known;
    }

    private static bool IsAt(I2cProfile i2c, int address)
    {
        if (i2c.Address.Value == address)
        {
            return true;
        }

        foreach (HexNumber other in i2c.OtherAddresses ?? [])
        {
            if (other.Value == address)
            {
                return true;
            }
        }

        return false;
    }

    // The sensor that proves itself; else those that cannot, since those that can and do not are others.
    private I2cFind Identify(int address, List<KnownProfile> candidates)
    {
        for (int written = 0; written <= 2; written++)
        {
            foreach (KnownProfile candidate in candidates)
            {
                I2cProfile i2c = candidate.Profile.TransportOrSerial.I2c!;
                if (i2c.Identify is { } step && (step.Write?.Count ?? 0) == written && Proves(i2c, step, address))
                {
                    return new I2cFind(address, null, false, true, [candidate]);
                }
            }
        }

        return new I2cFind(address, null, false, false,
            candidates.FindAll(candidate => candidate.Profile.TransportOrSerial.I2c!.Identify is null));
    }

    private bool Proves(I2cProfile i2c, I2cStep step, int address)
    {
        Checksum? checksum = i2c.Checksum is { } described ? Checksum.From(described) : null;
        I2cStep once = step with { Expect = step.Expect is { } expect ? expect with { WithinMs = 0 } : null };
        return step.Read > 0 && (step.Expect is not null || step.CheckEvery > 0)
            && new I2cSequence("identify", [once], checksum).Run(_bus, address, ByteSource.MonotonicNs()) == I2cOutcome.Complete;
    }
}
