// Markup written to a text writer:  literal parts as they stand, every hole escaped (& < > " ') and free of what XML forbids.

using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace EdgeLstm.Worker.Evaluation.Report;

/// <summary>Writes markup in which nothing that comes from a file or a configuration can become a tag.</summary>
/// <remarks>
/// Memory is that of one call of <see cref="Write"/>; the text goes on to the writer at its end. Not thread-safe.
/// </remarks>
/// <param name="writer">Takes the page; stays open.</param>
internal sealed class HtmlWriter(TextWriter writer)
{
    private readonly StringBuilder _pending = new();

    /// <summary>Writes markup as it stands: for what the program itself holds.</summary>
    public void Raw(string markup) => writer.Write(markup);

    /// <summary>Writes an interpolated string: its literal parts as they stand, its holes escaped.</summary>
    public void Write([InterpolatedStringHandlerArgument("")] ref Markup markup)
    {
        writer.Write(_pending);
        _pending.Clear();
    }

    /// <summary>Writes a whole number.</summary>
    public void Number(int value)
    {
        Span<char> digits = stackalloc char[16];
        value.TryFormat(digits, out int length, default, CultureInfo.InvariantCulture);
        writer.Write(digits[..length]);
    }

    /// <summary>Writes one character as it stands.</summary>
    public void Raw(char character) => writer.Write(character);

    private void Escape(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (char.IsHighSurrogate(c) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                _pending.Append(c).Append(text[++i]);
                continue;
            }

            string? entity = EntityOf(c);
            _ = entity is null ? _pending.Append(c) : _pending.Append(entity);
        }
    }

    /// <summary>What stands for a character; null where it stands for itself.</summary>
    private static string? EntityOf(char c) => c switch
    {
        '&' => "&amp;",
        '<' => "&lt;",
        '>' => "&gt;",
        '"' => "&quot;",
        '\'' => "&#39;",
        '\t' or '\n' or '\r' => " ",
        // Control characters and halves of pairs are not XML, not even as references.
        < ' ' or (>= '\u007f' and <= '\u009f') or (>= '\ud800' and <= '\udfff') or '\ufffe' or '\uffff' => "\ufffd",
        _ => null,
    };

    /// <summary>The parts of an interpolated string on their way into a page.</summary>
    [InterpolatedStringHandler]
    public readonly ref struct Markup
    {
        private readonly HtmlWriter _html;

        /// <param name="literalLength">Characters of the literal parts.</param>
        /// <param name="holeCount">Number of holes.</param>
        /// <param name="html">The page.</param>
        public Markup(int literalLength, int holeCount, HtmlWriter html)
        {
            _html = html;
            html._pending.EnsureCapacity(literalLength + (8 * holeCount));
        }

        /// <summary>A literal part: as it stands.</summary>
        public void AppendLiteral(string markup) => _html._pending.Append(markup);

        /// <summary>A text: escaped.</summary>
        public void AppendFormatted(string? text) => _html.Escape(text ?? "");

        /// <summary>A whole number.</summary>
        public void AppendFormatted(int value) => _html._pending.Append(CultureInfo.InvariantCulture, $"{value}");

        /// <summary>A number in as many digits as bring it back.</summary>
        public void AppendFormatted(double value) => _html._pending.Append(CultureInfo.InvariantCulture, $"{value:R}");

        /// <summary>A number in a format of .NET.</summary>
        public void AppendFormatted(double value, string format) =>
            _html._pending.Append(value.ToString(format, CultureInfo.InvariantCulture));
    }
}
