"""Changes of the answer key that are no mistake, so that they pass (see `course try`)."""

SURVIVORS = {
    "encode_reviews": {
        "both have m rows": """
            for row, review in zip(rows, reviews{, strict=True -> }): numbers = [word_to_index.get(word, 1) for word in words_of(review)] numbers = numbers[-maxlen:] if truncating == 'pre' else numbers[:maxlen] start = maxlen - len(numbers) if padding == 'pre' else 0 row[start:start + len(numbers)] = numbers
            for row, review in zip(rows, reviews, strict={True -> False}): numbers = [word_to_index.get(word, 1) for word in words_of(review)] numbers = numbers[-maxlen:] if truncating == 'pre' else numbers[:maxlen] start = maxlen - len(numbers) if padding == 'pre' else 0 row[start:start + len(numbers)] = numbers
        """,
        "whole numbers, whatever their type": """
            rows = np.zeros((len(reviews), maxlen){, dtype='int32' -> })
        """,
    },
    "learned_embedding_model": {
        "Keras turns numbers into whole ones, and has Input in two places": """
            return keras.Sequential([keras.Input((maxlen,){, dtype='int32' -> }), layers.Embedding(input_dim, output_dim), layers.Flatten(), layers.Dense(1, activation='sigmoid')])
            return keras.Sequential([{keras -> layers}.Input((maxlen,), dtype='int32'), layers.Embedding(input_dim, output_dim), layers.Flatten(), layers.Dense(1, activation='sigmoid')])
        """,
        "a model that is built at its first call is right, too": """
            return keras.Sequential([{keras.Input((maxlen,), dtype='int32'),  -> }layers.Embedding(input_dim, output_dim), layers.Flatten(), layers.Dense(1, activation='sigmoid')])
        """,
    },
    "embedding_matrix": {
        "the array is zero there, so adding to it is the same as writing to it": """
            matrix[number] {= -> +=} word_to_vec_map[word]
        """,
    },
    "glove_classifier": {
        "Keras turns numbers into whole ones, and has Input in two places": """
            return keras.Sequential([keras.Input((maxlen,){, dtype='int32' -> }), embedding, layers.Flatten(), layers.Dense(32, activation='relu'), layers.Dense(1, activation='sigmoid')])
            return keras.Sequential([{keras -> layers}.Input((maxlen,), dtype='int32'), embedding, layers.Flatten(), layers.Dense(32, activation='relu'), layers.Dense(1, activation='sigmoid')])
        """,
        "a model that is built at its first call is right, too": """
            return keras.Sequential([{keras.Input((maxlen,), dtype='int32'),  -> }embedding, layers.Flatten(), layers.Dense(32, activation='relu'), layers.Dense(1, activation='sigmoid')])
        """,
        "its table has the same shape": """
            embedding.build(({None, maxlen -> maxlen, None}))
            embedding.build(({None, maxlen -> maxlen,}))
            embedding.build((None,{ maxlen -> }))
            embedding.build((None, {maxlen -> keras}))
            embedding.build((None, {maxlen -> layers}))
            embedding.build((None, {maxlen -> matrix}))
            embedding.build((None, {maxlen -> 0}))
            embedding.build((None, {maxlen -> 1}))
            embedding.build((None, { -> -}maxlen))
        """,
    },
    "bilstm_classifier": {
        "Keras turns numbers into whole ones, and has Input in two places": """
            numbers = keras.Input((maxlen,){, dtype='int32' -> })
            numbers = {keras -> layers}.Input((maxlen,), dtype='int32')
        """,
        "the layers take rows of any length; Keras only warns of another one": """
            numbers = keras.Input(({maxlen -> 1},), dtype='int32')
        """,
    },
}
