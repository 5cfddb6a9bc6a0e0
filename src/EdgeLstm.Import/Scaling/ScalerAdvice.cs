// What to do with a scaler in pickle or joblib form, which is never read: two lines of Python that write it as JSON.

namespace EdgeLstm.Import.Scaling;

/// <summary>Knows a pickled scaler when it sees one, and says how to write it as JSON.</summary>
public static class ScalerAdvice
{
    /// <summary>The advice, for the end of a message.</summary>
    public const string Text =
        "Pickle and joblib files run whatever program they hold, so they are never read. Write the scaler as JSON, in Python:\n"
        + "  import json, joblib; s = joblib.load(\"scaler.pkl\")\n"
        + "  json.dump({k: v.tolist() for k in (\"mean_\", \"scale_\", \"min_\", \"center_\", \"feature_names_in_\") "
        + "if (v := getattr(s, k, None)) is not None}, open(\"norm.json\", \"w\"))\n"
        + "and give --norm norm.json";

    /// <summary>Whether bytes are a pickle, or packed as joblib packs one: no text begins like this.</summary>
    public static bool IsPickle(ReadOnlySpan<byte> bytes) => bytes switch
    {
        [0x80, >= 2 and <= 5, ..] => true, // pickle, protocol 2 to 5
        [0x1F, 0x8B, ..] => true,          // gzip
        [0x78, 0x01 or 0x5E or 0x9C or 0xDA, ..] => true, // zlib
        [(byte)'B', (byte)'Z', (byte)'h', ..] => true,    // bzip2
        [0xFD, (byte)'7', (byte)'z', ..] => true,         // xz
        [(byte)'P', (byte)'K', 3, 4, ..] => true,         // zip
        [(byte)'c' or (byte)'(', ..] => true,             // pickle, protocol 0
        _ => false,
    };
}
