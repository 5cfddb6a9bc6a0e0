// A tree of files that stands for /sys, /proc and /dev, with the files that the real drivers have.

namespace EdgeLstm.Worker.Tests.Emulation.Kernel;

/// <summary>A root in a temporary folder.</summary>
internal sealed class FakeSysfs : IDisposable
{
    public const string IioDevices = "sys/bus/iio/devices";
    public const string HwmonDevices = "sys/class/hwmon";

    public string Root { get; } = Directory.CreateTempSubdirectory("edgelstm-sysfs-").FullName;

    public void Dispose() => Directory.Delete(Root, recursive: true);

    public string At(string path) => Path.Combine(Root, path);

    /// <summary>Writes a file as sysfs shows it, with a line end. An open file is changed in place.</summary>
    public void Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(At(path))!);
        File.WriteAllText(At(path), text + "\n");
    }

    /// <summary>Writes over a file of the same length without emptying it first, for a reader beside it.</summary>
    public void Overwrite(string path, string text)
    {
        using FileStream file = new(At(path), FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        file.Write(System.Text.Encoding.ASCII.GetBytes(text + "\n"));
    }

    public string Read(string path) => File.ReadAllText(At(path)).Trim();

    /// <summary>Makes a file unreadable for who has it open already: a driver would give an error, an emptied file gives no
    /// number.</summary>
    public void Empty(string path) => File.WriteAllText(At(path), "");

    /// <summary>Makes a file refuse what is written to it, root included: it becomes a link to /dev/full.</summary>
    public void Block(string path)
    {
        File.Delete(At(path));
        File.CreateSymbolicLink(At(path), "/dev/full");
    }

    /// <summary>Adds iio:deviceN at a place of the I²C bus ("1-0076") as a link to where it really lies.</summary>
    /// <returns>Its folder, relative to the root.</returns>
    public string AddIio(int number, string name, string place, params (string File, string Text)[] files) =>
        Add($"sys/devices/i2c-1/{place}/iio:device{number}", $"{IioDevices}/iio:device{number}", name, files);

    /// <summary>Adds hwmonN, with the link `device` to its place on the bus.</summary>
    /// <returns>Its folder, relative to the root.</returns>
    public string AddHwmon(int number, string name, string place, params (string File, string Text)[] files)
    {
        string folder = Add($"sys/devices/i2c-1/{place}/hwmon/hwmon{number}", $"{HwmonDevices}/hwmon{number}", name, files);
        File.CreateSymbolicLink(At($"{folder}/device"), $"../../../{place}");
        return folder;
    }

    /// <summary>Removes a device: its files give nothing more, even to who has them open, and its link goes.</summary>
    public void Remove(string folder, string link)
    {
        File.Delete(At($"{folder}/device"));   // a link up the tree
        foreach (string file in Directory.GetFiles(At(folder), "*", SearchOption.AllDirectories))
        {
            File.WriteAllText(file, "");
        }

        File.Delete(At(link));
        Directory.Delete(At(folder), recursive: true);
    }

    private string Add(string folder, string link, string name, (string File, string Text)[] files)
    {
        Write($"{folder}/name", name);
        foreach ((string file, string text) in files)
        {
            Write($"{folder}/{file}", text);
        }

        Directory.CreateDirectory(Path.GetDirectoryName(At(link))!);
        File.CreateSymbolicLink(At(link), Path.GetRelativePath(Path.GetDirectoryName(At(link))!, At(folder)));
        return folder;
    }
}
