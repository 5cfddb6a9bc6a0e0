// Loads model files, each only once: streams with one file share it, and a file that has not changed is not loaded again.

using EdgeLstm.Core.Models;

namespace EdgeLstm.Worker.Configuration;

/// <summary>The models of one configuration, and of the one before it.</summary>
/// <param name="loaded">Models that are in memory already.</param>
internal sealed class ModelShelf(IEnumerable<Model> loaded)
{
    private readonly List<Model> _models = [.. loaded];

    /// <summary>Loads a model, or finds the one that was loaded from the same file with the same bytes.</summary>
    /// <param name="path">The file.</param>
    /// <param name="sha256">The hash that it must have, before anything in it is looked at; null for any.</param>
    /// <exception cref="ModelFileException">The file is refused, or it has another hash.</exception>
    public Model Load(string path, string? sha256)
    {
        Model? known = _models.Find(model => model.Path == path);
        string? found = known is null && sha256 is null ? null : ModelHash.OfFile(path);
        Require(path, found, sha256);
        if (found is not null && _models.Find(model => model.Path == path && model.Sha256 == found) is { } same)
        {
            return same;
        }

        Model model = ModelFile.Load(path);
        Require(path, model.Sha256, sha256);   // the file may have been replaced between two looks
        _models.Add(model);
        return model;
    }

    private static void Require(string path, string? found, string? expected)
    {
        if (found is not null && expected is not null && !ModelHash.AreEqual(found, expected))
        {
            // What it has is not said: the answer to a request would tell of any file that can be named.
            throw new ModelFileException(
                $"{path}: has not the SHA-256 {expected}: it is another file, or damaged; sha256sum tells which it has");
        }
    }
}
