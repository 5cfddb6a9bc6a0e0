// Which Keras wrote a file, and what its name for an activation meant then.
//
//   hard_sigmoid           Keras 1, Keras 2, TensorFlow.js: 0.2·x + 0.5      Keras 3: x/6 + 0.5
//   recurrent_activation   before Keras 2.3.0 and TensorFlow.js: hard_sigmoid      since: sigmoid

using EdgeLstm.Core.Json;
using EdgeLstm.Core.Layers;

namespace EdgeLstm.Import.Keras;

/// <summary>The version of Keras that a file names.</summary>
/// <param name="Text">As it stands there: <c>2.15.0</c>, <c>2.2.4-tf</c>, <c>tfjs-layers 4.22.0</c>; null where it is not
/// said.</param>
/// <param name="Major">1, 2 or 3; where it is not said, what its configuration looks like.</param>
/// <param name="Minor">The number after it.</param>
/// <param name="IsTensorFlowJs">Whether TensorFlow.js wrote the model and not Keras.</param>
internal sealed record KerasVersion(string? Text, int Major, int Minor, bool IsTensorFlowJs)
{
    private const string TensorFlowJs = "tfjs-layers";

    /// <summary>Reads a version.</summary>
    /// <param name="text">Null where the file says none.</param>
    /// <param name="looksLikeKeras3">What is assumed then.</param>
    public static KerasVersion Parse(string? text, bool looksLikeKeras3)
    {
        if (text is null)
        {
            return new KerasVersion(null, looksLikeKeras3 ? 3 : 2, looksLikeKeras3 ? 0 : 15, false);
        }

        if (text.StartsWith(TensorFlowJs, StringComparison.Ordinal))
        {
            return new KerasVersion(text, 2, 0, true);
        }

        string[] parts = text.Split('.', 3);
        bool isVersion = int.TryParse(parts[0], out int major) && major is >= 0 and <= 99;
        int minor = parts.Length > 1 && int.TryParse(parts[1], out int number) ? number : 0;
        return isVersion ? new KerasVersion(text, Math.Max(major, 1), minor, false) : Parse(null, looksLikeKeras3);
    }

    /// <summary>The program, for a person.</summary>
    public string Program => this switch
    {
        { IsTensorFlowJs: true } => $"TensorFlow.js layers{QuotedText.Of(Text![TensorFlowJs.Length..])}",
        { Text: null } => $"Keras {Major} (version not said)",
        _ => $"Keras {QuotedText.Of(Text)}",
    };

    /// <summary>What this version computes for hard_sigmoid.</summary>
    public ActivationFunction HardSigmoid => new(Activation.HardSigmoid, Major >= 3 ? 1f / 6 : 0.2f, 0.5f);

    /// <summary>The activation of gates where a configuration does not say it.</summary>
    public ActivationFunction UsualGateActivation =>
        IsTensorFlowJs || Major < 2 || (Major == 2 && Minor < 3) ? HardSigmoid : Activation.Sigmoid;
}
