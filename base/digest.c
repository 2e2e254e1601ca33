#include "stash/digest.h"

#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <string.h>

#include "stash/mem.h"

struct digest {
    EVP_MD_CTX *context;
};

struct digest *digest_new(void)
{
    struct digest *digest = xcalloc(1, sizeof(*digest));

    digest->context = EVP_MD_CTX_new();
    BUG_ON(!digest->context || !EVP_DigestInit_ex(digest->context, EVP_sha256(), NULL));
    return digest;
}

void digest_add(struct digest *digest, const void *data, size_t len)
{
    BUG_ON(!EVP_DigestUpdate(digest->context, data, len));
}

static void print_sum(const unsigned char sum[SHA256_DIGEST_LENGTH], char out[DIGEST_HEX_SIZE])
{
    for (size_t i = 0; i < SHA256_DIGEST_LENGTH; i++)
        snprintf(out + 2 * i, 3, "%02x", sum[i]);
}

void digest_end(struct digest *digest, char out[DIGEST_HEX_SIZE])
{
    unsigned char sum[SHA256_DIGEST_LENGTH];

    BUG_ON(!EVP_DigestFinal_ex(digest->context, sum, NULL));
    print_sum(sum, out);
}

void digest_free(struct digest *digest)
{
    if (!digest)
        return;
    EVP_MD_CTX_free(digest->context);
    free(digest);
}

void digest_hex(const void *data, size_t len, char out[DIGEST_HEX_SIZE])
{
    unsigned char sum[SHA256_DIGEST_LENGTH];

    SHA256(data, len, sum);
    print_sum(sum, out);
}

char *digest_base64(const void *data, size_t len)
{
    char *text = xmalloc((len + 2) / 3 * 4 + 1);

    BUG_ON(len > INT32_MAX);
    EVP_EncodeBlock((unsigned char *)text, data, (int)len);
    return text;
}

int digest_base64_decode(const char *text, char **ret, size_t *ret_len, struct error *err)
{
    size_t len = strlen(text);
    size_t padding = len >= 2 ? (size_t)(text[len - 1] == '=') + (text[len - 2] == '=') : 0;

    if (len % 4 != 0 || len > INT32_MAX || strspn(text, " \t\r\n") > 0)
        return error_set(err, ERR_INVALID, "not base64");
    AUTO(mem_free) char *data = xmalloc(len / 4 * 3 + 1);
    int decoded = EVP_DecodeBlock((unsigned char *)data, (const unsigned char *)text, (int)len);
    if (decoded < 0)
        return error_set(err, ERR_INVALID, "not base64");
    *ret_len = (size_t)decoded - padding;
    data[*ret_len] = '\0';
    *ret = TAKE(data);
    return 0;
}
