// A model that a request names for one stream: which files may be named, and which hash the file must have.

using EdgeLstm.Core.Json;
using EdgeLstm.Worker.Configuration;
using EdgeLstm.Worker.Mqtt;

namespace EdgeLstm.Worker.Service;

/// <summary>Turns a request into the configuration that it asks for.</summary>
/// <remarks>
/// Whoever may publish to the broker may send requests, so a request alone moves nothing: the file must lie where models lie (the
/// folders of the configuration, of the stream's model, of the state), and it must have the hash that the configuration or the
/// request names. Where both name one, both must be met: a configuration's hash cannot be overruled from afar.
/// </remarks>
/// <param name="plan">The configuration that runs.</param>
internal sealed class ModelRequest(DevicePlan plan)
{
    /// <summary>The configuration with the model in it; null when the request is refused.</summary>
    /// <param name="request">Names stream and model.</param>
    /// <param name="problems">Receives why it is refused.</param>
    public DevicePlan? Read(ReloadRequest request, ProblemList problems)
    {
        StreamPlan? stream = plan.Streams.FirstOrDefault(one => one.Settings.Name == request.Stream);
        if (stream?.Model is null)
        {
            string nearest = NearestName.DidYouMean(request.Stream!, plan.Streams.Select(one => one.Settings.Name));
            problems.Add("stream", stream is null
                ? $"there is no '{request.Stream}'{nearest}"
                : $"'{request.Stream}' learns from its own samples; name a model in the configuration first");
            return null;
        }

        string? sha256 = FindHash(stream.Settings.ModelSha256, request.Sha256, problems);
        string? file = FindFile(stream, request.Model!, problems);
        return sha256 is null || file is null ? null : plan.With(stream.Settings with { Model = file }, sha256, problems);
    }

    private static string? FindHash(string? configured, string? requested, ProblemList problems)
    {
        if (requested is not null && !ModelHash.IsHash(requested))
        {
            problems.Add("sha256", "must be 64 hexadecimal digits, as sha256sum prints them");
            return null;
        }

        if (configured is not null && requested is not null && !ModelHash.AreEqual(configured, requested))
        {
            problems.Add(
                "sha256", $"is {requested}; the configuration's modelSha256 is {configured}, which a request cannot overrule");
            return null;
        }

        if (configured is null && requested is null)
        {
            problems.Add("sha256", "is missing: name the file's hash here or as modelSha256 in the configuration");
        }

        return requested ?? configured;
    }

    private string? FindFile(StreamPlan stream, string name, ProblemList problems)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(plan.Path))!;
        if (name.Length == 0 || name.Contains('\0'))
        {
            problems.Add("model", "must be the name of a file");
            return null;
        }

        string file = Path.GetFullPath(name, folder);
        string?[] allowed = [folder, Path.GetDirectoryName(stream.Settings.Model), plan.StateDirectory];
        if (!allowed.OfType<string>().Any(one => file.StartsWith(one.TrimEnd('/') + '/', StringComparison.Ordinal)))
        {
            problems.Add("model", $"'{file}' must lie in the folder of the configuration, of the stream's model or of the state");
            return null;
        }

        return file;
    }
}
