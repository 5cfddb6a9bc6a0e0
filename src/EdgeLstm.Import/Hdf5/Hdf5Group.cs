// A group of an HDF5 file: links by name and attributes.

using EdgeLstm.Core.Json;

namespace EdgeLstm.Import.Hdf5;

/// <summary>A group. Its links and what they lead to are read when they are asked for, and faults come then.</summary>
internal sealed class Hdf5Group
{
    private const int MaxDepth = 64;
    private const int ObjectCost = 512;

    private readonly Hdf5Source _source;
    private readonly Hdf5Header _header;
    private readonly Hdf5Group? _parent;
    private readonly int _depth;
    private List<Hdf5Link>? _links;
    private Dictionary<string, Hdf5Link>? _linksByName;

    /// <summary>The group whose object header lies at an address.</summary>
    internal Hdf5Group(Hdf5Source source, long address, string path, Hdf5Group? parent)
        : this(source, new Hdf5Header(source, address, path), path, parent)
    {
    }

    private Hdf5Group(Hdf5Source source, Hdf5Header header, string path, Hdf5Group? parent)
    {
        _source = source;
        _header = header;
        _parent = parent;
        _depth = parent is null ? 0 : parent._depth + 1;
        Path = path;
    }

    /// <summary>The path from the root: <c>/model_weights/lstm</c>.</summary>
    public string Path { get; }

    /// <summary>The names of its links, as they are stored: as a rule sorted by their bytes.</summary>
    public IReadOnlyList<string> Names => Links().ConvertAll(link => link.Name);

    /// <summary>The group below at a relative path (parts between <c>/</c>); null where there is none or it is a
    /// dataset.</summary>
    public Hdf5Group? Group(string path)
    {
        Hdf5Group? group = this;
        foreach (string name in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            group = group?.Child(name);
        }

        return group;
    }

    /// <summary>The dataset below at a relative path; null where there is none or it is a group.</summary>
    public Hdf5Dataset? Dataset(string path)
    {
        int end = path.LastIndexOf('/');
        Hdf5Group? group = end < 0 ? this : Group(path[..end]);
        string name = path[(end + 1)..];
        Hdf5Header? header = group?.Open(name);
        return header is not null && header.Has(Hdf5Header.Layout) ? new Hdf5Dataset(_source, header, group!.PathOf(name)) : null;
    }

    /// <summary>An attribute that is one text, of fixed or variable length; null where there is none of that name.</summary>
    public string? Text(string attribute) =>
        Find(attribute) is { Texts: var texts } found ? texts.Count == 1 ? texts[0] : throw found.Refuse("one text") : null;

    /// <summary>An attribute that is an array of texts; null where there is none of that name.</summary>
    /// <remarks>An empty array may be of any type: h5py writes empty lists as float64.</remarks>
    public IReadOnlyList<string>? Texts(string attribute) => Find(attribute)?.Texts;

    /// <summary>An attribute that is one number; null where there is none of that name.</summary>
    public double? Number(string attribute) => Find(attribute)?.Number;

    private Hdf5Attribute? Find(string attribute) => Hdf5Attribute.Find(_source, _header, Path, attribute);

    private Hdf5Group? Child(string name)
    {
        Hdf5Header? header = Open(name);
        if (header is null || header.Has(Hdf5Header.Layout))
        {
            return null;
        }

        for (Hdf5Group? above = this; above is not null; above = above._parent)
        {
            if (above._header.Address == header.Address)
            {
                throw _source.Refuse(PathOf(name), $"is a loop: it is the group '{QuotedText.Of(above.Path)}' again");
            }
        }

        return _depth < MaxDepth
            ? new Hdf5Group(_source, header, PathOf(name), this)
            : throw _source.Refuse(PathOf(name), $"lies more than {MaxDepth} groups deep");
    }

    private Hdf5Header? Open(string name)
    {
        Links();
        if (!_linksByName!.TryGetValue(name, out Hdf5Link link))
        {
            return null;
        }

        string path = PathOf(name);
        _source.Charge(ObjectCost + (2L * path.Length), path);
        return !link.IsSoft
            ? new Hdf5Header(_source, link.Address, path)
            : throw _source.Refuse(path, "is a soft link, which is not followed; write the object itself there");
    }

    private List<Hdf5Link> Links()
    {
        if (_links is null)
        {
            if (_header.Has(Hdf5Header.LinkInfo) || _header.Has(Hdf5Header.Link))
            {
                throw _source.Refuse(Path, "keeps its links in the newer form (link messages, possibly soft or external); only"
                    + " symbol tables are read: write the file with h5py's default libver ('earliest') and without track_order");
            }

            ReadOnlyMemory<byte> table = _header.Find(Hdf5Header.SymbolTable)
                ?? throw _source.Refuse(Path, "is neither a group with a symbol table nor a dataset");
            _links = Hdf5Links.Read(_source, table, Path);
            _linksByName = _links.ToDictionary(link => link.Name, StringComparer.Ordinal);
        }

        return _links;
    }

    private string PathOf(string name) => _parent is null ? $"/{name}" : $"{Path}/{name}";
}
